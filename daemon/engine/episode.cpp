#include "engine/episode.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace patuh::engine {

void Texts::set(std::span<const std::string_view> texts) {
  PATUH_ASSERT(texts.size() <= kMost);
  unsigned repeated = 0;
  std::string written(1, '\0');
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
  const std::string_view all = written();
  if (all.empty()) return {};
  const auto repeated = static_cast<unsigned char>(all.front());
  base::Decoder in(all.substr(1));
  std::string_view text;
  for (std::size_t i = 0; i <= number && in.ok(); ++i) {
    if ((repeated & (1U << i)) == 0) text = in.text();
  }
  return text;
}

std::size_t Texts::bytes() const {
  return memory_ == nullptr ? 0 : sizeof(std::uint32_t) + written().size();
}

Sent Episode::sent() const {
  return {.agency = texts_.at(kAgency),
          .occurrence = texts_.at(kSentOccurrence),
          .severity = severity_,
          .summary_id = texts_.at(kSummaryId),
          .summary_en = texts_.at(kSummaryEn)};
}

void Episode::set_occurrence(std::string_view text) {
  if (text == occurrence()) return;
  is_sent_ ? write(text, sent()) : set_words(text, cause());
}

void Episode::set_words(std::string_view occurrence, std::string_view cause) {
  is_sent_ = false;
  texts_.set(std::array{occurrence, occurrence, cause});
}

void Episode::set_sent(const Sent& sent) {
  is_sent_ = true;
  severity_ = sent.severity;
  write(occurrence(), sent);
}

void Episode::write(std::string_view occurrence, const Sent& sent) {
  std::array<std::string_view, kTexts> texts;
  texts[kOccurrence] = occurrence;
  texts[kSentOccurrence] = sent.occurrence;
  texts[kCause] = cause();
  texts[kAgency] = sent.agency;
  texts[kSummaryId] = sent.summary_id;
  texts[kSummaryEn] = sent.summary_en;
  texts_.set(texts);
}

}  // namespace patuh::engine
