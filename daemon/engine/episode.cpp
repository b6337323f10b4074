#include "engine/episode.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace patuh::engine {

// ── Codes ──

std::uint32_t SentCodes::take(std::string_view code) {
  const auto known = numbers_.find(code);
  if (known != numbers_.end()) {
    ++codes_[known->second].held;
    return known->second;
  }
  auto number = static_cast<std::uint32_t>(codes_.size());
  if (free_.empty()) {
    codes_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  codes_[number] = {std::string(code), 1};
  numbers_.emplace(code, number);
  return number;
}

void SentCodes::give(std::uint32_t number) {
  Code& code = codes_[number];
  if (--code.held > 0) return;
  numbers_.erase(code.text);
  code = {};
  free_.push_back(number);
}

std::uint64_t SentCodes::bytes() const {
  std::uint64_t bytes = codes_.capacity() * sizeof(Code);
  for (const Code& code : codes_) bytes += 2 * code.text.size() + sizeof(std::string);
  return bytes;
}

// ── Texts ──

namespace {

// Lengths are written as Encoder does: seven bits a byte, the lowest first.
std::size_t length_bytes(std::size_t length) {
  std::size_t bytes = 1;
  for (; length >= 0x80U; length >>= 7U) ++bytes;
  return bytes;
}

char* write_length(std::size_t length, char* to) {
  for (; length >= 0x80U; length >>= 7U) *to++ = static_cast<char>(length | 0x80U);
  *to++ = static_cast<char>(length);
  return to;
}

std::size_t read_length(const char*& from) {
  std::size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto next = static_cast<unsigned char>(*from++);
    length |= std::size_t{next & 0x7FU} << shift;
    if (next < 0x80U) return length;
  }
}

}  // namespace

std::int64_t Texts::set(std::span<const std::string_view> texts) {
  PATUH_ASSERT(texts.size() <= kMost);
  unsigned repeated = ~0U << texts.size();
  std::size_t size = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == (i == 0 ? std::string_view() : texts[i - 1])) {
      repeated |= 1U << i;
    } else {
      size += length_bytes(texts[i].size()) + texts[i].size();
    }
  }
  // The texts may lie in what they replace.
  auto memory = std::make_unique_for_overwrite<char[]>(1 + size);
  memory[0] = static_cast<char>(repeated);
  char* to = memory.get() + 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if ((repeated & (1U << i)) != 0) continue;
    to = std::ranges::copy(texts[i], write_length(texts[i].size(), to)).out;
  }
  const std::size_t before = bytes();
  memory_ = std::move(memory);
  return static_cast<std::int64_t>(1 + size) - static_cast<std::int64_t>(before);
}

std::string_view Texts::at(std::size_t number) const {
  std::array<std::string_view, kMost> texts;
  read(std::span(texts).first(number + 1));
  return texts[number];
}

void Texts::read(std::span<std::string_view> texts) const {
  if (memory_ == nullptr) return;
  const auto repeated = static_cast<unsigned char>(memory_[0]);
  const char* from = memory_.get() + 1;
  std::string_view text;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if ((repeated & (1U << i)) == 0) {
      const std::size_t length = read_length(from);
      text = {from, length};
      from += length;
    }
    texts[i] = text;
  }
}

std::size_t Texts::bytes() const {
  if (memory_ == nullptr) return 0;
  const auto repeated = static_cast<unsigned char>(memory_[0]);
  const char* from = memory_.get() + 1;
  for (std::size_t i = 0; i < kMost; ++i) {
    if ((repeated & (1U << i)) != 0) continue;
    const std::size_t length = read_length(from);
    from += length;
  }
  return static_cast<std::size_t>(from - memory_.get());
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

std::int64_t Episode::set_alert(const alerts::State& alert) {
  phase_ = alert.phase;
  const bool had_times = std::exchange(has_times_, !has_times_of(alert, plain_alert()));
  if (!has_times_) return 0;
  const std::string times = times_of(alert);
  if (had_times && texts_.at(kTimes) == times) return 0;
  All texts = all();
  texts[kTimes] = times;
  return texts_.set(texts);
}

std::int64_t Episode::set_violating_since(base::Instant at) {
  const alerts::State before = alert();
  violating_since_ = at;
  return set_alert(before);
}

// ── Words ──

Sent Episode::sent() const {
  All texts;
  texts_.read(texts);
  return {.agency = agency_,
          .occurrence = texts[kSentOccurrence],
          .severity = severity_,
          .summary_id = texts[kSummaryId],
          .summary_en = texts[kSummaryEn]};
}

// What says nothing is as the one before, and takes no room.
Episode::All Episode::all() const {
  All texts;
  texts_.read(texts);
  if (!is_sent()) {
    texts[kSentOccurrence] = texts[kOccurrence];
    texts[kSummaryId] = texts[kSummaryEn] = texts[kCause];
  }
  if (!has_times_) texts[kTimes] = texts[kSummaryEn];
  return texts;
}

std::int64_t Episode::set_occurrence(std::string_view occurrence) {
  All texts = all();
  if (texts[kOccurrence] == occurrence) return 0;
  has_occurrence_ = !occurrence.empty();
  texts[kOccurrence] = occurrence;
  if (!is_sent()) texts[kSentOccurrence] = occurrence;
  return texts_.set(texts);
}

std::int64_t Episode::set_words(std::string_view occurrence, std::string_view cause) {
  has_occurrence_ = !occurrence.empty();
  agency_ = kNone;
  All texts = all();
  texts[kOccurrence] = texts[kSentOccurrence] = occurrence;
  texts[kCause] = texts[kSummaryId] = texts[kSummaryEn] = cause;
  if (!has_times_) texts[kTimes] = cause;
  return texts_.set(texts);
}

std::int64_t Episode::set_sent(const Sent& sent) {
  agency_ = sent.agency;
  severity_ = sent.severity;
  All texts = all();
  texts[kSentOccurrence] = sent.occurrence;
  texts[kSummaryId] = sent.summary_id;
  texts[kSummaryEn] = sent.summary_en;
  if (!has_times_) texts[kTimes] = sent.summary_en;
  return texts_.set(texts);
}

}  // namespace patuh::engine
