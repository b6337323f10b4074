#include "store/verify.h"

#include <algorithm>

#include "store/encoding.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

constexpr std::size_t kInjuriesMax = 1000;

template <class T>
base::Digest digest_of(const T& value) {
  std::string bytes;
  encode(bytes, value);
  return base::sha256(bytes);
}

}  // namespace

void Audit::injure(std::uint64_t seq, std::string message, std::optional<std::uint32_t> event) {
  if (out_.injuries.size() < kInjuriesMax) {
    out_.injuries.push_back({Seq{seq}, event, std::move(message)});
  }
}

base::Status Audit::or_injury(std::uint64_t seq, const base::Status& status) {
  if (status || status.error().code != base::Code::kCorrupt) return status;
  injure(seq, "cannot be read: " + status.error().message);
  return {};
}

base::Result<Verification> Audit::run(const std::optional<base::Digest>& expected) {
  expected_ = expected;
  std::uint64_t last = 0;
  {
    Query query = database_.query("SELECT max(seq) FROM records");
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    last = query.count(0);
  }
  for (std::uint64_t seq = 1; seq <= last; ++seq) {
    if (auto done = look_at(seq); !done) return std::unexpected(done.error());
  }
  for (base::Status done : {check_alerts(), check_offsets(), check_strays(last)}) {
    if (done = or_injury(last, done); !done) return std::unexpected(done.error());
  }
  if (expected_ && !out_.expected_at) {
    injure(last, "no record has the entry that was asked for: the log was cut or written anew");
  }
  std::ranges::stable_sort(out_.injuries, {}, &Verification::Injury::seq);
  return std::move(out_);
}

base::Status Audit::look_at(std::uint64_t seq) {
  ++out_.records;
  const base::Result<std::optional<RecordRow>> row = read_row(database_, Seq{seq});
  if (row && *row) return check_record(**row);
  previous_.clear();
  next_event_ = next_transition_ = 0;
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
  const bool follows = (next_event_ == 0 || header.first_event == next_event_) &&
                       (next_transition_ == 0 || header.first_transition == next_transition_);
  if (!follows) injure(header.seq, "its events or transitions do not follow the ones before");
  if (header.now < now_) injure(header.seq, "its now goes back");
  now_ = header.now;
  next_event_ = header.first_event + header.events;
  next_transition_ = header.first_transition + header.transitions;
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
  out_.head = {Seq{row.header.seq}, row.entry};
  if (expected_ && row.entry == *expected_) out_.expected_at = Seq{row.header.seq};
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
  out_.events += row.header.events;
  if (!row.body) {
    ++out_.deleted_bodies;
    return;
  }
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
  for (std::size_t i = 0; i < parts.events.size(); ++i) {
    const BodyParts::Event& event = parts.events[i];
    if (event.erased) {
      ++out_.erased;
      continue;
    }
    const base::Digest digest = base::sha256(event.bytes);
    const bool known = digests.size() >= (i + 1) * kDigestBytes &&
                       digests.substr(i * kDigestBytes, kDigestBytes) == view(digest);
    if (!known) injure(seq, "an event was changed", static_cast<std::uint32_t>(i));
  }
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
    whole = whole && (*chunk)->seq.value == header.seq && (*chunk)->first == number;
    all += (*chunk)->raw;
    number = (*chunk)->last() + 1;
  }
  out_.transitions += header.transitions;
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
    scratch.clear();
    encode(scratch, audited.input, audited.kept);
    Encoder(all).string(scratch);
  }
  if (inputs->size() != row.header.quarantined || base::sha256(all) != row.digests.quarantined) {
    injure(row.header.seq, "the inputs that it set aside were changed");
  }
  return {};
}

void Audit::fold(std::uint64_t seq, const BodyParts& parts) {
  for (const std::string_view bytes : parts.alerts) {
    if (const auto alert = decode_alert(bytes)) alerts_[alert->key] = {seq, base::sha256(bytes)};
  }
  for (const std::string_view bytes : parts.offsets) {
    if (const auto offset = decode_offset(bytes)) {
      offsets_[{offset->channel, offset->topic, offset->partition}] = {seq, base::sha256(bytes)};
    }
  }
}

base::Status Audit::check_alerts() {
  Query query = database_.query("SELECT " PATUH_STORE_ALERT_COLUMNS " FROM alerts ORDER BY key");
  const base::Result<std::vector<AlertRow>> rows = read_alerts(query);
  if (!rows) return std::unexpected(rows.error());
  for (const AlertRow& row : *rows) {
    const auto written = alerts_.find(row.key);
    if (written == alerts_.end()) {
      // The record that wrote it may have lost its body.
      if (out_.deleted_bodies == 0) injure(0, "alert " + row.key + " is in no record");
      continue;
    }
    if (digest_of(row) != written->second.digest) {
      injure(written->second.seq, "alert " + row.key + " is not as the record wrote it");
    }
    alerts_.erase(written);
  }
  for (const auto& [key, written] : alerts_) injure(written.seq, "alert " + key + " is missing");
  return {};
}

base::Status Audit::check_offsets() {
  const base::Result<std::vector<OffsetRow>> rows = read_offsets(database_);
  if (!rows) return std::unexpected(rows.error());
  for (const OffsetRow& row : *rows) {
    const std::string name = row.channel + " " + row.topic + "/" + std::to_string(row.partition);
    const auto written = offsets_.find({row.channel, row.topic, row.partition});
    if (written == offsets_.end()) {
      if (out_.deleted_bodies == 0) injure(0, "the offset of " + name + " is in no record");
      continue;
    }
    if (digest_of(row) != written->second.digest) {
      injure(written->second.seq, "the offset of " + name + " is not as the record wrote it");
    }
    offsets_.erase(written);
  }
  for (const auto& [place, written] : offsets_) {
    injure(written.seq, "the offset of " + std::get<1>(place) + " is missing");
  }
  return {};
}

base::Status Audit::check_strays(std::uint64_t last) {
  Query query = database_.query(
      "SELECT seq FROM records WHERE seq < 1 "
      "UNION SELECT seq FROM bodies WHERE seq < 1 OR seq > ?1 "
      "UNION SELECT seq FROM event_digests WHERE seq < 1 OR seq > ?1 "
      "UNION SELECT seq FROM transitions WHERE first < 1 OR first >= ?2 "
      "UNION SELECT seq FROM quarantine WHERE seq < 1 OR seq > ?1");
  // Behind an unreadable last record the end is unknown.
  const std::uint64_t end = next_transition_ == 0 ? INT64_MAX : next_transition_;
  query.bind(last).bind(end);
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    injure(query.count(0), "rows are there that belong to no record");
  }
}

}  // namespace patuh::store
