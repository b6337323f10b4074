#include "pipeline/rows.h"

#include "json/json.h"
#include "sinks/sinks.h"

namespace patuh::pipeline {
namespace {

store::AlertRow alert_row(alerts::Notice notice, bool told, base::Instant fired) {
  store::AlertRow row;
  row.notice = sinks::encode(notice);
  row.key = std::move(notice.key);
  row.agency = std::move(notice.agency);
  row.rule = std::move(notice.rule);
  row.element = std::move(notice.element);
  row.severity = notice.severity;
  row.phase = notice.firing ? store::Phase::kFiring : store::Phase::kResolved;
  row.started = notice.started;
  row.fired = fired;
  if (!notice.firing) row.resolved = notice.at;
  row.cause = std::move(notice.cause);
  row.occurrence = std::move(notice.occurrence);
  row.told = told;
  return row;
}

store::Quarantined aside(std::string_view reason, std::string message, std::string_view bytes) {
  store::Quarantined out;
  out.reason = reason;
  out.message = std::move(message);
  out.size = bytes.size();
  out.sha256 = base::sha256(bytes);
  out.bytes = bytes.substr(0, store::kQuarantineBytesMax);
  return out;
}

}  // namespace

std::string structured_form(const model::Envelope& envelope) {
  json::Writer out;
  out.begin_object().member("specversion", "1.0").member("type", envelope.type);
  out.member("source", envelope.source).member("id", envelope.id);
  if (envelope.time) out.member("time", base::to_rfc3339(*envelope.time));
  if (envelope.version) out.member("patuhversion", std::to_string(*envelope.version));
  if (!envelope.subject.empty()) out.member("subject", envelope.subject);
  if (!envelope.data.empty()) out.key("data").raw(envelope.data);
  return out.end_object().take();
}

store::Quarantined quarantined(const decode::Rejected& rejected, const model::Position& position) {
  store::Quarantined out =
      aside(model::name_of(rejected.fault.reason), rejected.fault.message, rejected.bytes);
  out.position = position;
  out.source = rejected.source;
  out.id = rejected.id;
  return out;
}

store::Quarantined quarantined(const model::Envelope& envelope, std::string_view bytes,
                               const model::Fault& fault) {
  store::Quarantined out =
      bytes.empty() ? aside(model::name_of(fault.reason), fault.message, structured_form(envelope))
                    : aside(model::name_of(fault.reason), fault.message, bytes);
  out.position = envelope.position;
  out.source = envelope.source;
  out.id = envelope.id;
  return out;
}

void add_rows(Applied applied, std::span<const std::string> sinks, store::Batch& batch) {
  batch.alerts.reserve(applied.notices.size());
  for (std::size_t i = 0; i < applied.notices.size(); ++i) {
    batch.alerts.push_back(
        alert_row(std::move(applied.notices[i]), applied.told[i], applied.fired[i]));
    if (!applied.told[i]) continue;
    for (const std::string& sink : sinks) {
      batch.outbox.push_back({sink, std::string(sinks::kNoticeKind), batch.alerts.back().notice});
    }
  }
  for (const sinks::Digest& digest : applied.digest.as_of(batch.record.now)) {
    for (const std::string& sink : sinks) {
      batch.outbox.push_back({sink, std::string(sinks::kDigestKind), sinks::encode(digest)});
    }
  }
  batch.transitions = std::move(applied.transitions);
  batch.restated = std::move(applied.restated);
  batch.outlines = std::move(applied.outlines);
}

decode::Receipt receipt_of(registry::Outcome outcome, const std::string& message) {
  switch (outcome) {
    case registry::Outcome::kApplied:
      return {decode::Taken::kApplied, {}, {}};
    case registry::Outcome::kNoChange:
    case registry::Outcome::kUnknownRemoved:
      return {decode::Taken::kNoChange, {}, {}};
    case registry::Outcome::kDuplicate:
      return {decode::Taken::kDuplicate, {}, {}};
    case registry::Outcome::kStale:
      return {decode::Taken::kStale, {}, {}};
    case registry::Outcome::kLate:
      return {decode::Taken::kLate, {}, {}};
    case registry::Outcome::kNotPermitted:
      break;
  }
  return receipt_of({model::FaultReason::kNotPermitted, message});
}

decode::Receipt receipt_of(const model::Fault& fault) {
  return {decode::Taken::kSetAside, std::string(model::name_of(fault.reason)), fault.message};
}

}  // namespace patuh::pipeline
