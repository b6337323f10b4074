#include "store/verify.h"

#include <algorithm>

#include "store/encoding.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

// The chunk's columns agree with what is in it.
bool says_when(const History::Loaded& chunk) {
  if (chunk.parts.empty()) return false;
  const auto first = decode_transition(chunk.parts.front());
  const auto last = decode_transition(chunk.parts.back());
  return first && last && first->recorded == chunk.first_recorded &&
         last->recorded == chunk.last_recorded;
}

}  // namespace

void Audit::injure(std::uint64_t seq, std::string message, std::optional<std::uint32_t> event) {
  std::vector<Verification::Injury>& injuries = found_.verification.injuries;
  if (injuries.size() < kInjuriesMax) injuries.push_back({Seq{seq}, event, std::move(message)});
}

base::Status Audit::or_injury(std::uint64_t seq, const base::Status& status) {
  if (status || status.error().code != base::Code::kCorrupt) return status;
  injure(seq, "cannot be read: " + status.error().message);
  return {};
}

base::Status Audit::run() {
  if (auto done = lead_in(); !done) return done;
  for (std::uint64_t seq = first_; seq <= last_; ++seq) {
    if (auto done = look_at(seq); !done) return done;
  }
  return {};
}

base::Status Audit::lead_in() {
  if (first_ == 1) return {};
  const auto row = read_row(database_, Seq{first_ - 1}, WithBody::kNo);
  if (!row && row.error().code != base::Code::kCorrupt) return std::unexpected(row.error());
  previous_.clear();
  next_event_ = found_.next_transition = 0;
  if (!row || !*row) return {};
  const Header& header = (*row)->header;
  now_ = header.now;
  next_event_ = header.first_event + header.events;
  found_.next_transition = header.first_transition + header.transitions;
  previous_.push_back((*row)->entry);
  const auto ahead = read_row(database_, Seq{first_ - 2}, WithBody::kNo);
  const base::Digest before = ahead && *ahead ? (*ahead)->entry : base::Digest{};
  previous_.push_back(chain_entry(before, header, (*row)->digests));
  return {};
}

base::Status Audit::look_at(std::uint64_t seq) {
  ++found_.verification.records;
  const base::Result<std::optional<RecordRow>> row = read_row(database_, Seq{seq}, WithBody::kYes);
  if (row && *row) return check_record(**row);
  previous_.clear();
  next_event_ = found_.next_transition = 0;
  if (row) {
    injure(seq, "the record is missing");
    return {};
  }
  return or_injury(seq, std::unexpected(row.error()));
}

base::Status Audit::check_record(const RecordRow& row) {
  const std::uint64_t seq = row.header.seq;
  check_place(row);
  std::string digests;
  if (auto done = or_injury(seq, check_event_digests(row, digests)); !done) return done;
  check_body(row, digests);
  if (auto done = or_injury(seq, check_transitions(row)); !done) return done;
  if (auto done = or_injury(seq, check_quarantined(row)); !done) return done;
  check_entry(row);
  return {};
}

void Audit::check_place(const RecordRow& row) {
  const Header& header = row.header;
  const bool follows =
      (next_event_ == 0 || header.first_event == next_event_) &&
      (found_.next_transition == 0 || header.first_transition == found_.next_transition);
  if (!follows) injure(header.seq, "its events or transitions do not follow the ones before");
  if (header.now < now_) injure(header.seq, "its now goes back");
  now_ = header.now;
  next_event_ = header.first_event + header.events;
  found_.next_transition = header.first_transition + header.transitions;
}

void Audit::check_entry(const RecordRow& row) {
  std::vector<base::Digest> computed;
  for (const base::Digest& previous : previous_) {
    computed.push_back(chain_entry(previous, row.header, row.digests));
  }
  const bool follows = computed.empty() || std::ranges::find(computed, row.entry) != computed.end();
  if (!follows) injure(row.header.seq, "its chain entry does not follow from what is stored");
  previous_ = {row.entry};
  if (!follows) previous_.insert(previous_.end(), computed.begin(), computed.end());
  found_.verification.head = {Seq{row.header.seq}, row.entry};
  if (expected_ && row.entry == *expected_) found_.verification.expected_at = Seq{row.header.seq};
}

base::Status Audit::check_event_digests(const RecordRow& row, std::string& digests) {
  Query query = database_.query("SELECT digests FROM event_digests WHERE seq = ?");
  const base::Result<bool> found = query.bind(row.header.seq).row();
  if (!found) return std::unexpected(found.error());
  if (*found) digests = query.blob(0);
  if (digests.size() != row.header.events * kDigestBytes ||
      base::sha256(digests) != row.digests.events) {
    injure(row.header.seq, "the digests of its events were changed");
  }
  return {};
}

void Audit::check_body(const RecordRow& row, std::string_view event_digests) {
  const std::uint64_t seq = row.header.seq;
  found_.verification.events += row.header.events;
  if (!row.body) {
    ++found_.verification.deleted_bodies;
    if (found_.has_body) return injure(seq, kBodyGone);
    if (found_.without_body.size() < kInjuriesMax) found_.without_body.push_back(seq);
    return;
  }
  found_.has_body = true;
  const std::optional<BodyParts> parts = split_body(*row.body);
  if (!parts) return injure(seq, "its body cannot be taken apart");
  if (base::sha256(parts->payload) != row.digests.payload) injure(seq, "its payload was changed");
  if (parts->alerts.size() != row.header.alerts ||
      digest_of_parts(parts->alerts) != row.digests.alerts) {
    injure(seq, "its alert episodes were changed");
  }
  if (parts->offsets.size() != row.header.offsets ||
      digest_of_parts(parts->offsets) != row.digests.offsets) {
    injure(seq, "its offsets were changed");
  }
  check_events(row, *parts, event_digests);
  fold(seq, *parts);
}

void Audit::check_events(const RecordRow& row, const BodyParts& parts, std::string_view digests) {
  const std::uint64_t seq = row.header.seq;
  if (parts.events.size() != row.header.events) injure(seq, "it has not the events it says");
  std::vector<std::string_view> texts;
  texts.reserve(parts.events.size());
  for (const BodyParts::Event& event : parts.events) texts.push_back(event.bytes);
  const std::vector<base::Digest> computed = base::sha256_each(texts);
  for (std::size_t i = 0; i < parts.events.size(); ++i) {
    const BodyParts::Event& event = parts.events[i];
    if (event.erased) {
      note_erased(seq, static_cast<std::uint32_t>(i), event.by);
      continue;
    }
    const bool known = digests.size() >= (i + 1) * kDigestBytes &&
                       digests.substr(i * kDigestBytes, kDigestBytes) == view(computed[i]);
    if (!known) injure(seq, "an event was changed", static_cast<std::uint32_t>(i));
  }
}

void Audit::note_erased(std::uint64_t seq, std::uint32_t event, Seq by) {
  Verification& out = found_.verification;
  ++out.erased;
  if (out.erasures.size() < kInjuriesMax) out.erasures.push_back({Seq{seq}, event, by});
  if (by.value <= seq) injure(seq, "an event was erased by no later record", event);
}

base::Status Audit::check_transitions(const RecordRow& row) {
  const Header& header = row.header;
  std::string all;
  std::uint64_t number = header.first_transition;
  const std::uint64_t end = number + header.transitions;
  bool whole = true;
  while (number < end) {
    const auto chunk = history_.load(number);
    if (!chunk) return std::unexpected(chunk.error());
    whole = whole && (*chunk)->seq.value == header.seq && (*chunk)->first == number &&
            says_when(**chunk);
    all += (*chunk)->raw;
    number = (*chunk)->last() + 1;
  }
  found_.verification.transitions += header.transitions;
  if (!whole || number != end || base::sha256(all) != row.digests.transitions) {
    injure(header.seq, "its transitions were changed");
  }
  return {};
}

base::Status Audit::check_quarantined(const RecordRow& row) {
  const base::Result<std::vector<AuditedInput>> inputs =
      read_quarantine_of(database_, Seq{row.header.seq});
  if (!inputs) return std::unexpected(inputs.error());
  std::string all;
  std::string scratch;
  for (const AuditedInput& audited : *inputs) {
    if (!audited.erased && digest_of_kept(audited.input) != audited.kept) {
      injure(row.header.seq, "the bytes of an input that was set aside were changed");
    }
    if (audited.at != row.header.now) {
      injure(row.header.seq, "an input was set aside at another time");
    }
    scratch.clear();
    encode(scratch, audited.input, audited.kept);
    Encoder(all).text(scratch);
  }
  if (inputs->size() != row.header.quarantined || base::sha256(all) != row.digests.quarantined) {
    injure(row.header.seq, "the inputs that it set aside were changed");
  }
  return {};
}

void Audit::fold(std::uint64_t seq, const BodyParts& parts) {
  for (const std::string_view bytes : parts.alerts) {
    if (const auto alert = decode_alert(bytes))
      found_.alerts[alert->key] = {seq, base::sha256(bytes)};
  }
  for (const std::string_view bytes : parts.offsets) {
    if (const auto offset = decode_offset(bytes)) {
      found_.offsets[{offset->channel, offset->topic, offset->partition}] = {seq,
                                                                             base::sha256(bytes)};
    }
  }
}

}  // namespace patuh::store
