#include "engine/episode.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

namespace patuh::engine {

namespace {

constexpr std::size_t kLengthBytesMax = 5;  // of a text's length, which Encoder writes

}  // namespace

void Texts::set(std::span<const std::string_view> texts) {
  PATUH_ASSERT(texts.size() <= kMost);
  unsigned repeated = 0;
  std::size_t most = 1;
  for (const std::string_view text : texts) most += kLengthBytesMax + text.size();
  std::string written;
  written.reserve(most);
  written.push_back('\0');
  base::Encoder out(written);
  std::string_view before;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == before) {
      repeated |= 1U << i;
    } else {
      out.text(texts[i]);
    }
    before = texts[i];
  }
  written[0] = static_cast<char>(repeated);
  const auto size = static_cast<std::uint32_t>(written.size());
  // The texts may lie in what they replace.
  auto memory = std::make_unique_for_overwrite<char[]>(sizeof size + size);
  std::memcpy(memory.get(), &size, sizeof size);
  std::ranges::copy(written, memory.get() + sizeof size);
  memory_ = std::move(memory);
}

std::string_view Texts::written() const {
  if (memory_ == nullptr) return {};
  std::uint32_t size = 0;
  std::memcpy(&size, memory_.get(), sizeof size);
  return {memory_.get() + sizeof size, size};
}

std::string_view Texts::at(std::size_t number) const {
  std::array<std::string_view, kMost> texts;
  read(std::span(texts).first(number + 1));
  return texts[number];
}

void Texts::read(std::span<std::string_view> texts) const {
  const std::string_view all = written();
  if (all.empty()) return;
  const auto repeated = static_cast<unsigned char>(all.front());
  base::Decoder in(all.substr(1));
  std::string_view text;
  for (std::size_t i = 0; i < texts.size() && in.ok(); ++i) {
    if ((repeated & (1U << i)) == 0) text = in.text();
    texts[i] = text;
  }
}

std::size_t Texts::bytes() const {
  return memory_ == nullptr ? 0 : sizeof(std::uint32_t) + written().size();
}

// ── Instants ──

namespace {

// Of differences that wrap, so that every pair of instants has one.
std::uint64_t ticks_of(base::Instant at) {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}
base::Instant at_ticks(std::uint64_t ticks) {
  return base::Instant(base::Duration(static_cast<std::int64_t>(ticks)));
}

bool has_times_of(const alerts::State& a, const alerts::State& b) {
  return a.started == b.started && a.due == b.due;
}

}  // namespace

alerts::State Episode::plain_alert() const {
  if (phase_ == alerts::Phase::kNone) return {};
  return {phase_, violating_since_, violating_since_};
}

alerts::State Episode::alert() const {
  if (!has_times_) return plain_alert();
  base::Decoder in(texts_.at(kTimes));
  const std::uint64_t started = ticks_of(violating_since_) + in.number();
  return {phase_, at_ticks(started), at_ticks(started + in.number())};
}

std::string Episode::times_of(const alerts::State& alert) const {
  std::string times;
  base::Encoder out(times);
  out.number(ticks_of(alert.started) - ticks_of(violating_since_));
  out.number(ticks_of(alert.due) - ticks_of(alert.started));
  return times;
}

void Episode::set_alert(const alerts::State& alert) {
  phase_ = alert.phase;
  const bool had_times = std::exchange(has_times_, !has_times_of(alert, plain_alert()));
  if (!has_times_) return;
  const std::string times = times_of(alert);
  if (had_times && texts_.at(kTimes) == times) return;
  All texts = all();
  texts[kTimes] = times;
  texts_.set(texts);
}

void Episode::set_violating_since(base::Instant at) {
  const alerts::State before = alert();
  violating_since_ = at;
  set_alert(before);
}

// ── Words ──

Sent Episode::sent() const {
  All texts;
  texts_.read(texts);
  return {.agency = texts[kAgency],
          .occurrence = texts[kSentOccurrence],
          .severity = severity_,
          .summary_id = texts[kSummaryId],
          .summary_en = texts[kSummaryEn]};
}

// What says nothing is as the one before, and takes no room.
Episode::All Episode::all() const {
  All texts;
  texts_.read(texts);
  if (!is_sent_) {
    texts[kSentOccurrence] = texts[kOccurrence];
    texts[kAgency] = texts[kSummaryId] = texts[kSummaryEn] = texts[kCause];
  }
  if (!has_times_) texts[kTimes] = texts[kSummaryEn];
  return texts;
}

void Episode::set_occurrence(std::string_view occurrence) {
  All texts = all();
  if (texts[kOccurrence] == occurrence) return;
  texts[kOccurrence] = occurrence;
  if (!is_sent_) texts[kSentOccurrence] = occurrence;
  texts_.set(texts);
}

void Episode::set_words(std::string_view occurrence, std::string_view cause) {
  is_sent_ = false;
  All texts = all();
  texts[kOccurrence] = texts[kSentOccurrence] = occurrence;
  texts[kCause] = texts[kAgency] = texts[kSummaryId] = texts[kSummaryEn] = cause;
  if (!has_times_) texts[kTimes] = cause;
  texts_.set(texts);
}

void Episode::set_sent(const Sent& sent) {
  is_sent_ = true;
  severity_ = sent.severity;
  All texts = all();
  texts[kSentOccurrence] = sent.occurrence;
  texts[kAgency] = sent.agency;
  texts[kSummaryId] = sent.summary_id;
  texts[kSummaryEn] = sent.summary_en;
  if (!has_times_) texts[kTimes] = sent.summary_en;
  texts_.set(texts);
}

}  // namespace patuh::engine
