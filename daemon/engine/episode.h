// What a pair owes, from its beginning to its end. Private to engine.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alerts.h"
#include "base/base.h"
#include "engine/pair.h"
#include "model/model.h"

namespace patuh::engine {

// A few texts in one piece of memory: written once, read seldom, and there are millions.
class Texts {
 public:
  static constexpr std::size_t kMost = 8;

  // At most kMost; those beyond are as the last. One that is as the one before takes no room.
  // Answers how many bytes more they take than those before.
  std::int64_t set(std::span<const std::string_view> texts);
  // Empty before the first set(). Lives until the next one.
  std::string_view at(std::size_t number) const;
  void read(std::span<std::string_view> texts) const;  // the first so many of them
  std::size_t bytes() const;
  void expect() const { __builtin_prefetch(memory_.get()); }  // a hint: they will soon be read

 private:
  // Bit i: the text is as the one before; then each that is not, its length before it.
  std::unique_ptr<char[]> memory_;
};

// Codes of agencies as notices named them: each once, for as long as somebody holds it.
class SentCodes {
 public:
  std::uint32_t take(std::string_view code);  // to be given back
  void give(std::uint32_t number);
  std::string_view at(std::uint32_t number) const { return codes_[number].text; }
  std::uint64_t bytes() const;

 private:
  struct Code {
    std::string text;
    std::uint32_t held = 0;
  };
  std::vector<Code> codes_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::uint32_t> free_;
};

// Of a notice that went out: what must be repeated word for word when it is resolved, and could not
// be said again then.
struct Sent {
  std::uint32_t agency = 0;  // its code, a number of SentCodes
  std::string_view occurrence;
  model::Severity severity = model::Severity::kLow;
  std::string_view summary_id, summary_en;
};

// The underlying violation (also while waived, and through gaps in which it is undetermined) and
// the alert. What changes its texts answers how many bytes more they take than before.
class Episode {
 public:
  base::Instant violating_since() const { return violating_since_; }  // kNever: it is none
  std::int64_t set_violating_since(base::Instant at);

  alerts::State alert() const;
  std::int64_t set_alert(const alerts::State& alert);
  alerts::Phase phase() const { return phase_; }
  std::string_view occurrence() const {
    return has_occurrence_ ? texts_.at(kOccurrence) : std::string_view();
  }
  // Of its first verdict: an event's id, "time" or "pack".
  std::string_view cause() const { return texts_.at(kCause); }
  bool is_sent() const { return agency_ != kNone; }      // while firing
  std::uint32_t sent_agency() const { return agency_; }  // kNone: nothing was sent
  Sent sent() const;

  std::int64_t set_occurrence(std::string_view occurrence);
  std::int64_t set_words(std::string_view occurrence,
                         std::string_view cause);  // and nothing was sent
  std::int64_t set_sent(const Sent& sent);
  std::int64_t forget_sent() {
    agency_ = kNone;
    return 0;
  }
  std::size_t text_bytes() const { return texts_.bytes(); }
  void expect() const { texts_.expect(); }  // a hint: its words will soon be looked at

 private:
  enum Number : std::size_t {
    kOccurrence,
    kSentOccurrence,
    kCause,
    kSummaryId,
    kSummaryEn,
    kTimes,  // of the alert, where they are not those of a violation without grace
    kTexts
  };
  using All = std::array<std::string_view, kTexts>;
  All all() const;
  alerts::State plain_alert() const;
  std::string times_of(const alerts::State& alert) const;

  base::Instant violating_since_ = base::kNever;
  Texts texts_;
  alerts::Phase phase_ = alerts::Phase::kNone;
  model::Severity severity_ = model::Severity::kLow;  // as it was sent
  bool has_times_ = false;
  bool has_occurrence_ = false;   // most have none: no text is looked at then
  std::uint32_t agency_ = kNone;  // likewise
};
static_assert(sizeof(Episode) == 24);

}  // namespace patuh::engine
