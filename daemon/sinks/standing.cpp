#include "sinks/standing.h"

#include <utility>

namespace patuh::sinks {
namespace {

std::string group_of(const alerts::Notice& notice) {
  return notice.agency + '\n' + notice.rule + '\n' + notice.cause;
}

}  // namespace

std::set<std::string> Standing::new_groups(std::span<const alerts::Notice> notices) const {
  std::map<std::string, std::set<std::string_view>> beginning;
  for (const alerts::Notice& notice : notices) {
    if (notice.firing && !members_.contains(notice.key)) {
      beginning[group_of(notice)].insert(notice.key);
    }
  }
  std::set<std::string> out;
  for (const auto& [group, keys] : beginning) {
    if (keys.size() > group_over_) out.insert(group);
  }
  return out;
}

void Standing::count(Groups& groups, const Plan::Step& step, bool stood) {
  if (!step.grouped || step.notice.firing == stood) return;
  const std::string name = group_of(step.notice);
  if (step.notice.firing) {
    ++groups.try_emplace(name, Group{step.notice, 0}).first->second.count;
  } else if (const auto found = groups.find(name); found != groups.end()) {
    --found->second.count;
  }
}

Standing::Now Standing::now_of(const std::string& key) const {
  const auto member = members_.find(key);
  if (member == members_.end()) return {};
  return {.stands = true, .grouped = member->second.grouped};
}

Standing::Plan Standing::plan(std::vector<alerts::Notice> notices, base::Instant until) const {
  const std::set<std::string> beginning = new_groups(notices);
  Plan out;
  Groups groups = groups_;
  std::map<std::string, base::Instant> touched;  // groups, and when last
  std::unordered_map<std::string, Now> run;      // each key as the run goes on
  for (alerts::Notice& notice : notices) {
    const std::string group = group_of(notice);
    Now& now = run.try_emplace(notice.key, now_of(notice.key)).first->second;
    if (!now.stands) now.grouped = notice.firing && beginning.contains(group);
    const Plan::Step step{std::move(notice), now.grouped};
    count(groups, step, now.stands);
    now.stands = step.notice.firing;
    if (step.grouped) {
      touched[group] = step.notice.at;
    } else {
      out.alerts.push_back(maker_.of(step.notice, until));
    }
    out.steps.push_back(step);
  }
  for (const auto& [name, at] : touched) {
    const Group& group = groups.at(name);
    out.alerts.push_back(maker_.of_group(group.first, group.count, group.count > 0 ? until : at));
  }
  return out;
}

void Standing::commit(Plan plan) {
  for (Plan::Step& step : plan.steps) {
    const bool stood = members_.contains(step.notice.key);
    count(groups_, step, stood);
    if (step.notice.firing) {
      std::string key = step.notice.key;
      members_.insert_or_assign(std::move(key), Member{std::move(step.notice), step.grouped});
    } else {
      members_.erase(step.notice.key);
    }
  }
  std::erase_if(groups_, [](const auto& group) { return group.second.count == 0; });
}

std::vector<Alert> Standing::alerts(base::Instant until) const {
  std::vector<Alert> out;
  for (const auto& [key, member] : members_) {
    if (!member.grouped) out.push_back(maker_.of(member.notice, until));
  }
  for (const auto& [name, group] : groups_) {
    out.push_back(maker_.of_group(group.first, group.count, until));
  }
  return out;
}

}  // namespace patuh::sinks
