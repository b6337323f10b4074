#include "store/rows.h"

#include <algorithm>

#include "store/encoding.h"

namespace patuh::store {
namespace {

std::unexpected<base::Error> corrupt(const char* table, std::string_view key) {
  return base::fail(base::Code::kCorrupt,
                    std::string("table ") + table + ", row " + std::string(key));
}

// kNever is stored as NULL.
void bind_moment(Query& query, Instant moment) {
  if (moment == base::kNever) {
    query.bind_null();
  } else {
    query.bind(ticks(moment));
  }
}

Instant moment(const Query& query, int column) {
  return query.is_null(column) ? base::kNever : instant_of(query.integer(column));
}

// SQLite counts rows in int64.
std::int64_t row_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(limit, INT64_MAX));
}

bool read_position(const Query& query, int column, model::Position& out) {
  out.channel = query.text(column);
  out.topic = query.text(column + 1);
  if (!std::in_range<std::int32_t>(query.integer(column + 2))) return false;
  out.partition = static_cast<std::int32_t>(query.integer(column + 2));
  out.offset = query.integer(column + 3);
  return true;
}

std::optional<QuarantineRow> quarantine_row(const Query& query) {
  QuarantineRow out;
  out.id = QuarantineId{query.count(0)};
  out.seq = Seq{query.count(1)};
  out.at = instant_of(query.integer(2));
  if (!query.is_null(3)) out.redriven = instant_of(query.integer(3));
  out.input.reason = query.text(4);
  out.input.message = query.text(5);
  if (!read_position(query, 6, out.input.position)) return std::nullopt;
  out.input.size = query.count(10);
  const std::optional<base::Digest> digest = digest_from(query.blob(11));
  if (!digest) return std::nullopt;
  out.input.sha256 = *digest;
  out.input.source = query.text(12);
  out.input.id = query.text(13);
  out.redriven_by = query.text(14);
  out.redriven_result = query.text(15);
  out.input.bytes = query.blob(16);
  return out;
}

std::optional<AlertRow> alert_row(const Query& query) {
  AlertRow out;
  out.key = query.text(0);
  out.agency = query.text(1);
  out.rule = query.text(2);
  out.element = {std::string(query.text(3)), std::string(query.text(4))};
  const std::int64_t severity = query.integer(5);
  const std::int64_t phase = query.integer(6);
  const std::int64_t told = query.integer(12);
  if (severity < 0 || severity > 3 || phase < 1 || phase > 3) return std::nullopt;
  if (told < 0 || told > 1) return std::nullopt;
  out.severity = static_cast<model::Severity>(severity);
  out.phase = static_cast<Phase>(phase);
  out.started = instant_of(query.integer(7));
  out.fired = moment(query, 8);
  out.resolved = moment(query, 9);
  out.cause = query.text(10);
  out.occurrence = query.text(11);
  out.told = told == 1;
  out.notice = query.blob(13);
  return out;
}

base::Result<std::vector<QuarantineRow>> quarantine_rows(Query& query) {
  std::vector<QuarantineRow> out;
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return out;
    std::optional<QuarantineRow> row = quarantine_row(query);
    if (!row) return corrupt("quarantine", query.text(0));
    out.push_back(std::move(*row));
  }
}

base::Status count(Query query, std::uint64_t& out) {
  const base::Result<bool> row = query.row();
  if (!row) return std::unexpected(row.error());
  out = query.count(0);
  return {};
}

}  // namespace

// What fails is rolled back whole by the caller's transaction: OR FAIL spares SQLite a savepoint.
#define PATUH_STORE_INTO_ALERT_TAIL                       \
  " INTO alert_tail(id, hash, " PATUH_STORE_ALERT_COLUMNS \
  ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

base::Status write_alert(Database& database, const AlertRow& alert, TailPlace place) {
  const auto [id, is_new] = place;
  Query query = database.query(is_new ? "INSERT OR FAIL" PATUH_STORE_INTO_ALERT_TAIL
                                      : "INSERT OR REPLACE" PATUH_STORE_INTO_ALERT_TAIL);
  query.bind(id).bind(static_cast<std::int64_t>(hash_of_alert(alert.key)));
  query.bind_text(alert.key).bind_text(alert.agency).bind_text(alert.rule);
  query.bind_text(alert.element.kind).bind_text(alert.element.id);
  query.bind(static_cast<std::int64_t>(alert.severity));
  query.bind(static_cast<std::int64_t>(alert.phase));
  query.bind(ticks(alert.started));
  bind_moment(query, alert.fired);
  bind_moment(query, alert.resolved);
  query.bind_text(alert.cause).bind_text(alert.occurrence);
  query.bind(std::int64_t{alert.told ? 1 : 0}).bind_blob(alert.notice);
  return query.run();
}

base::Status write_outbox(Database& database, const OutboxRow& row, Instant queued) {
  return database.query("INSERT INTO outbox(sink, kind, payload, queued) VALUES(?, ?, ?, ?)")
      .bind_text(row.sink)
      .bind_text(row.kind)
      .bind_blob(row.payload)
      .bind(ticks(queued))
      .run();
}

base::Status write_offset(Database& database, const OffsetRow& offset) {
  return database
      .query(
          "INSERT INTO offsets(channel, topic, part, next) VALUES(?, ?, ?, ?) "
          "ON CONFLICT(channel, topic, part) DO UPDATE SET next = excluded.next")
      .bind_text(offset.channel)
      .bind_text(offset.topic)
      .bind(std::int64_t{offset.partition})
      .bind(offset.next)
      .run();
}

base::Status write_quarantined(Database& database, const Quarantined& input, const Header& record) {
  Query query = database.query(
      "INSERT INTO quarantine(seq, at, reason, message, channel, topic, part, place, size, sha256, "
      "source, event, kept_sha256, bytes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const base::Digest kept = digest_of_kept(input);
  query.bind(record.seq).bind(ticks(record.now)).bind_text(input.reason).bind_text(input.message);
  query.bind_text(input.position.channel).bind_text(input.position.topic);
  query.bind(std::int64_t{input.position.partition}).bind(input.position.offset);
  query.bind(input.size).bind_blob(view(input.sha256)).bind_text(input.source).bind_text(input.id);
  query.bind_blob(view(kept));
  query.bind_blob(std::string_view(input.bytes).substr(0, kQuarantineBytesMax));
  return query.run();
}

base::Status write_redriven(Database& database, const Redriven& redriven, Instant at) {
  return database
      .query(
          "UPDATE quarantine SET redriven = ?, redriven_by = ?, redriven_result = ? WHERE id = ?")
      .bind(ticks(at))
      .bind_text(redriven.by)
      .bind_text(redriven.result)
      .bind(redriven.id.value)
      .run();
}

base::Result<std::vector<AlertRow>> read_alerts(Query& query) {
  std::vector<AlertRow> out;
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return out;
    std::optional<AlertRow> alert = alert_row(query);
    if (!alert) return corrupt("alerts", query.text(0));
    out.push_back(std::move(*alert));
  }
}

base::Result<std::vector<OffsetRow>> read_offsets(Database& database) {
  std::vector<OffsetRow> out;
  Query query = database.query("SELECT channel, topic, part, next FROM offsets ORDER BY 1, 2, 3");
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return out;
    model::Position position;
    if (!read_position(query, 0, position)) return corrupt("offsets", query.text(1));
    out.push_back({position.channel, position.topic, position.partition, position.offset});
  }
}

base::Result<std::vector<PendingOutbox>> read_outbox(Database& database, std::string_view sink,
                                                     std::size_t limit) {
  std::vector<PendingOutbox> out;
  Query query = database.query(
      "SELECT id, sink, kind, payload, queued, attempts, next_attempt FROM outbox "
      "WHERE sink = ? ORDER BY id LIMIT ?");
  query.bind_text(sink).bind(row_limit(limit));
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return out;
    PendingOutbox row;
    row.id = OutboxId{query.count(0)};
    row.row = {std::string(query.text(1)), std::string(query.text(2)), std::string(query.blob(3))};
    row.queued = instant_of(query.integer(4));
    row.attempts = static_cast<std::uint32_t>(query.count(5));
    if (!query.is_null(6)) row.next_attempt = instant_of(query.integer(6));
    out.push_back(std::move(row));
  }
}

base::Result<std::vector<QuarantineRow>> read_quarantine(Database& database,
                                                         const QuarantineFilter& filter) {
  Query query = database.query(
      "SELECT id, seq, at, redriven, reason, message, channel, topic, part, place, size, sha256, "
      "source, event, redriven_by, redriven_result, iif(?1, bytes, x'') FROM quarantine "
      "WHERE id > ?2 AND (?3 = '' OR reason = ?3) AND (NOT ?4 OR redriven IS NULL) "
      "ORDER BY id LIMIT ?5");
  query.bind(std::int64_t{filter.with_bytes ? 1 : 0}).bind(filter.after.value);
  query.bind_text(filter.reason).bind(std::int64_t{filter.only_waiting ? 1 : 0});
  query.bind(row_limit(filter.limit));
  return quarantine_rows(query);
}

base::Result<std::vector<AuditedInput>> read_quarantine_of(Database& database, Seq seq) {
  std::vector<AuditedInput> out;
  Query query = database.query(
      "SELECT id, seq, at, redriven, reason, message, channel, topic, part, place, size, sha256, "
      "source, event, redriven_by, redriven_result, bytes, kept_sha256 FROM quarantine "
      "WHERE seq = ? ORDER BY id");
  query.bind(seq.value);
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return out;
    std::optional<QuarantineRow> row = quarantine_row(query);
    const std::optional<base::Digest> kept = digest_from(query.blob(17));
    if (!row || !kept) return corrupt("quarantine", query.text(0));
    const Instant at = row->at;
    out.push_back({std::move(row->input), *kept, query.is_null(16), at});
  }
}

base::Result<Counts> read_counts(Database& database) {
  Counts out;
  {
    Query query = database.query(
        "SELECT seq, first_event + events - 1, first_transition + transitions - 1 FROM records "
        "ORDER BY seq DESC LIMIT 1");
    const base::Result<bool> found = query.row();
    if (!found) return std::unexpected(found.error());
    if (*found) {
      out.records = query.count(0);
      out.events = query.count(1);
      out.transitions = query.count(2);
    }
  }
  base::Status done = count(database.query("SELECT count(*) FROM quarantine"), out.quarantined);
  if (done) {
    done = count(database.query("SELECT count(*) FROM quarantine WHERE redriven IS NULL"),
                 out.quarantine_waiting);
  }
  if (done) {
    done =
        count(database.query("SELECT count(*) FROM all_alerts WHERE phase < 3"), out.open_alerts);
  }
  if (done) done = count(database.query("SELECT count(*) FROM outbox"), out.outbox);
  if (!done) return std::unexpected(done.error());
  return out;
}

}  // namespace patuh::store
