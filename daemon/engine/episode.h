// What a pair owes, from its beginning to its end. Private to engine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "alerts/alerts.h"
#include "base/base.h"
#include "model/model.h"

namespace patuh::engine {

// A few texts in one piece of memory: written once, read seldom, and there are millions.
class Texts {
 public:
  static constexpr std::size_t kMost = 8;

  // At most kMost. One that is as the one before takes no room.
  void set(std::span<const std::string_view> texts);
  // Empty when there are not so many. Lives until the next set().
  std::string_view at(std::size_t number) const;
  void read(std::span<std::string_view> texts) const;  // the first so many of them
  std::size_t bytes() const;

 private:
  std::string_view written() const;
  std::unique_ptr<char[]> memory_;  // the length of what is written, and that
};

// Of a notice that went out: what must be repeated word for word when it is resolved, and could not
// be said again then.
struct Sent {
  std::string_view agency;
  std::string_view occurrence;
  model::Severity severity = model::Severity::kLow;
  std::string_view summary_id, summary_en;
};

// The underlying violation (also while waived, and through gaps in which it is undetermined) and
// the alert.
class Episode {
 public:
  base::Instant violating_since() const { return violating_since_; }  // kNever: it is none
  void set_violating_since(base::Instant at);

  alerts::State alert() const;
  void set_alert(const alerts::State& alert);
  alerts::Phase phase() const { return phase_; }
  std::string_view occurrence() const { return texts_.at(kOccurrence); }
  // Of its first verdict: an event's id, "time" or "pack".
  std::string_view cause() const { return texts_.at(kCause); }
  bool is_sent() const { return is_sent_; }  // while firing
  Sent sent() const;

  void set_occurrence(std::string_view occurrence);
  void set_words(std::string_view occurrence, std::string_view cause);  // and nothing was sent
  void set_sent(const Sent& sent);
  void forget_sent() { is_sent_ = false; }
  std::size_t text_bytes() const { return texts_.bytes(); }

 private:
  enum Number : std::size_t {
    kOccurrence,
    kSentOccurrence,
    kCause,
    kAgency,
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
  bool is_sent_ = false;
  bool has_times_ = false;
};
static_assert(sizeof(Episode) == 24);

}  // namespace patuh::engine
