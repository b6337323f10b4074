#include "store/alert_tail.h"

#include "store/encoding.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

// In the order of their keys, of which alone a list is sorted; LIMIT keeps SQLite from leaving the
// order out.
base::Status move_all(Database& database) {
  return database
      .query("INSERT OR FAIL INTO alerts(" PATUH_STORE_ALERT_COLUMNS
             ") SELECT " PATUH_STORE_ALERT_COLUMNS
             " FROM (SELECT id AS place FROM alert_tail ORDER BY key LIMIT -1) "
             "CROSS JOIN alert_tail ON id = place WHERE true "
             "ON CONFLICT(key) DO UPDATE SET agency = excluded.agency, rule = excluded.rule, "
             "kind = excluded.kind, element = excluded.element, severity = excluded.severity, "
             "phase = excluded.phase, started = excluded.started, fired = excluded.fired, "
             "resolved = excluded.resolved, cause = excluded.cause, "
             "occurrence = excluded.occurrence, told = excluded.told, notice = excluded.notice")
      .run();
}

base::Result<std::optional<AlertRow>> first_of(Query& query) {
  auto found = read_alerts(query);
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return std::optional<AlertRow>();
  return std::optional<AlertRow>(std::move(found->front()));
}

}  // namespace

base::Result<std::optional<AlertRow>> read_alert(Database& database, std::string_view key) {
  {
    Query tail = database.query("SELECT " PATUH_STORE_ALERT_COLUMNS
                                " FROM alert_tail WHERE hash = ? AND key = ?");
    tail.bind(bits(hash_of_alert(key))).bind_text(key);
    auto found = first_of(tail);
    if (!found || *found) return found;
  }
  Query table = database.query("SELECT " PATUH_STORE_ALERT_COLUMNS " FROM alerts WHERE key = ?");
  table.bind_text(key);
  return first_of(table);
}

base::Status AlertTail::load(Database& database) {
  Query query = database.query("SELECT id, key FROM alert_tail ORDER BY id");
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    last_ = query.integer(0);
    ids_.emplace(query.text(1), last_);
  }
}

base::Status AlertTail::write(Database& database, const AlertRow& alert) {
  const auto [place, is_new] = ids_.try_emplace(alert.key, last_ + 1);
  if (is_new) ++last_;
  return write_alert(database, alert, {.id = place->second, .is_new = is_new});
}

base::Status AlertTail::settle(Database& database) {
  if (ids_.empty()) return {};
  auto transaction = Transaction::begin(database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto done = move_all(database); !done) return done;
  if (auto done = database.query("DELETE FROM alert_tail").run(); !done) return done;
  if (auto done = transaction->commit(); !done) return done;
  ids_.clear();
  last_ = 0;
  return {};
}

}  // namespace patuh::store
