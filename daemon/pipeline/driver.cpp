#include "pipeline/driver.h"

#include <algorithm>

#include "pipeline/pace.h"

namespace patuh::pipeline {

void Driver::take(engine::StepResult&& step, Applied& into) {
  for (engine::Restated& one : step.restated) {
    into.restated.push_back(
        {.before = std::move(one.before),
         .pair = {.agency = std::move(one.agency),
                  .rule = std::move(one.rule),
                  .element = std::move(one.element),
                  .state = one.state,
                  .since = one.since,
                  .started = one.started,
                  .occurrence = std::move(one.occurrence)},
         .recorded = now_,
         .after = static_cast<std::uint32_t>(into.transitions.size() + step.transitions.size())});
  }
  std::ranges::move(step.transitions, std::back_inserter(into.transitions));
  into.unknown_attributes += step.unknown_attributes;
  for (alerts::Notice& notice : step.notices) take(std::move(notice), into);
}

void Driver::take(alerts::Notice&& notice, Applied& into) {
  Firing firing{.since = notice.at, .told = clock_ == ClockMode::kWall};
  if (notice.firing) {
    firing_.insert_or_assign(notice.key, firing);
  } else if (const auto ended = firing_.find(notice.key); ended != firing_.end()) {
    firing = {.since = ended->second.since, .told = firing.told && ended->second.told};
    firing_.erase(ended);
  } else {
    firing.since = base::kNever;
  }
  into.fired.push_back(firing.since);
  into.told.push_back(firing.told);
  into.notices.push_back(std::move(notice));
}

void Driver::goes_on_firing(const alerts::Notice& notice, base::Instant fired, bool told) {
  firing_[notice.key] = {.since = fired, .told = told};
}

Applied Driver::events(base::Instant now, std::span<const model::ChangeEvent> events,
                       Outliner* outliner, const std::function<void()>& pause) {
  Applied out;
  out.outcomes.reserve(events.size());
  out.messages.reserve(events.size());
  const std::size_t part = (events.size() + Pace::kPauses - 1) / Pace::kPauses;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const model::ChangeEvent& event = events[i];
    if (pause && i > 0 && i % part == 0) pause();
    const bool moves_on = clock_ == ClockMode::kEvent && event.time > now_;
    if (outliner != nullptr && moves_on && engine_.has_tally_changes() && !out.outcomes.empty()) {
      out.outlines.push_back(outliner->between(engine_, now_));
    }
    // Event clock: each event brings its own now, so that batch borders appear nowhere.
    now_ = clock_ == ClockMode::kEvent ? std::max(now_, event.time) : now;
    engine::StepResult step = engine_.apply(now_, event);
    out.outcomes.push_back(step.outcome);
    out.messages.push_back(std::move(step.message));
    take(std::move(step), out);
  }
  now_ = std::max(now_, now);
  return out;
}

Applied Driver::time_step(base::Instant now) {
  Applied out;
  now_ = now;
  take(engine_.advance(now), out);
  return out;
}

Applied Driver::activate(base::Instant now, std::shared_ptr<const rulebook::RuleBook> book) {
  Applied out;
  now_ = std::max(now_, now);
  take(engine_.activate(now_, std::move(book)), out);
  return out;
}

Applied Driver::clock_wall(base::Instant now) {
  Applied out;
  now_ = std::max(now_, now);
  // What falls due on the way from the last event to today is history still.
  take(engine_.advance(now_), out);
  clock_ = ClockMode::kWall;
  engine_.for_each_firing([&](const alerts::Notice& notice) {
    const auto firing = firing_.find(notice.key);
    if (firing != firing_.end() && !firing->second.told) out.digest.add(notice);
  });
  return out;
}

Applied Driver::baseline(base::Instant now, bool stands) {
  Applied out;
  now_ = now;
  take(engine_.set_baseline(now, stands), out);
  return out;
}

}  // namespace patuh::pipeline
