// What stands: the notices that were told and still fire, one by one or in groups. Private to
// sinks.
//
// More than `group_over` that begin to fire at once with one agency, rule and cause become one
// alert with their count. It stands, with the count of those left, until the last of them resolves;
// later ones of the same cause are told one by one again, unless they too come in such numbers.
// After a restart all that stand are taken as one run.
//
// Threads: values; the sink's thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sinks/alert.h"

namespace patuh::sinks {

class Standing {
 public:
  Standing(const AlertMaker& maker, std::size_t group_over)
      : maker_(maker), group_over_(group_over) {}

  // What a run of notices comes to: alerts to post, in order, and what will stand once they were
  // taken. A retry of the same run gives the same.
  struct Plan {
    std::vector<Alert> alerts;
    // In order; `grouped`: it counts in its group in place of being told by itself.
    struct Step {
      alerts::Notice notice;
      bool grouped = false;
    };
    std::vector<Step> steps;
  };
  Plan plan(std::vector<alerts::Notice> notices, base::Instant until) const;
  void commit(Plan plan);

  // Everything that stands, to be sent again.
  std::vector<Alert> alerts(base::Instant until) const;
  std::size_t size() const { return members_.size(); }

 private:
  struct Member {
    alerts::Notice notice;
    bool grouped = false;
  };
  struct Group {
    alerts::Notice first;  // gives the group's alert its labels
    std::size_t count = 0;
  };
  using Groups = std::map<std::string, Group>;
  // Of one key.
  struct Now {
    bool stands = false;
    bool grouped = false;
  };

  Now now_of(const std::string& key) const;
  // Groups that begin with these notices.
  std::set<std::string> new_groups(std::span<const alerts::Notice> notices) const;
  // Counts a step in or out of its group.
  static void count(Groups& groups, const Plan::Step& step, bool stood);

  const AlertMaker& maker_;
  const std::size_t group_over_;
  std::map<std::string, Member> members_;  // by the notice's key
  Groups groups_;                          // by agency, rule and cause
};

}  // namespace patuh::sinks
