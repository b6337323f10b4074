// Alert episodes on their way into their table. Where an episode stands there, and in its four
// indexes, has nothing to do with when it changes, so each change would cost several pages. They
// are first written one behind another, and moved many at a time. Readers see both through the view
// `all_alerts`. Private to store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/sqlite.h"
#include "store/store.h"

namespace patuh::store {

// An episode wherever it stands. The view would look through the whole tail for it.
base::Result<std::optional<AlertRow>> read_alert(Database& database, std::string_view key);

class AlertTail {
 public:
  base::Status load(Database& database);
  // In a transaction of the caller's. Where that is rolled back, the episode keeps its place in the
  // tail for when it is written again.
  base::Status write(Database& database, const AlertRow& alert);

  std::size_t size() const { return ids_.size(); }
  // Moves all of them, in a transaction of its own.
  base::Status settle(Database& database);

 private:
  std::unordered_map<std::string, std::int64_t> ids_;  // by key
  std::int64_t last_ = 0;
};

}  // namespace patuh::store
