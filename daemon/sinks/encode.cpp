#include <map>

#include "json/json.h"
#include "sinks/sinks.h"

namespace patuh::sinks {
namespace {

using base::Code;

constexpr std::size_t kNoticeBytes = 1024;  // of most

// Reads members of a payload; the first that is missing or wrong is the fault.
class Fields {
 public:
  explicit Fields(std::string_view payload) : document_(json::parse(payload, {})) {
    good_ = document_ && document_->root().is(json::Of::kObject);
  }
  std::string text(std::string_view key) {
    const json::Node* const node = find(key, json::Of::kString);
    return node ? std::string(node->string()) : std::string();
  }
  std::int64_t integer(std::string_view key) {
    const json::Node* const node = find(key, json::Of::kInt);
    return node ? node->integer() : 0;
  }
  bool boolean(std::string_view key) {
    const json::Node* const node = find(key, json::Of::kBool);
    return node != nullptr && node->boolean();
  }
  base::Instant instant(std::string_view key) {
    const auto at = base::from_rfc3339(text(key));
    if (!at) good_ = false;
    return at ? *at : base::Instant{};
  }
  bool has(std::string_view key) const { return good_ && document_->root().find(key) != nullptr; }
  bool good() const { return good_; }
  void spoil() { good_ = false; }

 private:
  const json::Node* find(std::string_view key, json::Of of) {
    const json::Node* const node = good_ ? document_->root().find(key) : nullptr;
    if (node != nullptr && node->is(of)) return node;
    good_ = false;
    return nullptr;
  }
  std::expected<json::Document, json::ParseError> document_;
  bool good_ = false;
};

std::unexpected<base::Error> corrupt(std::string_view what) {
  return base::fail(Code::kCorrupt, "an outbox row is no " + std::string(what));
}

}  // namespace

std::string encode(const alerts::Notice& notice) {
  json::Writer out(kNoticeBytes);
  out.begin_object().member("key", notice.key).key("firing").boolean(notice.firing);
  out.member("agency", notice.agency).member("rule", notice.rule);
  out.member("element", notice.element.text());
  out.member("severity", model::name_of(notice.severity)).member("cause", notice.cause);
  out.member("occurrence", notice.occurrence);
  out.member("started", base::to_rfc3339(notice.started));
  out.member("at", base::to_rfc3339(notice.at)).key("deployment").boolean(notice.deployment);
  out.member("summary_id", notice.summary_id).member("summary_en", notice.summary_en);
  out.member("remedy_id", notice.remedy_id).member("remedy_en", notice.remedy_en);
  if (notice.baseline) out.key("baseline").boolean(true);
  return out.end_object().take();
}

base::Result<alerts::Notice> decode_notice(std::string_view payload) {
  Fields fields(payload);
  alerts::Notice out;
  out.key = fields.text("key");
  out.firing = fields.boolean("firing");
  out.agency = fields.text("agency");
  out.rule = fields.text("rule");
  const auto element = model::element_key_of(fields.text("element"));
  const auto severity = model::severity_of(fields.text("severity"));
  if (!element || !severity) return corrupt("notice");
  out.element = *element;
  out.severity = *severity;
  out.cause = fields.text("cause");
  out.occurrence = fields.text("occurrence");
  out.started = fields.instant("started");
  out.at = fields.instant("at");
  out.deployment = fields.boolean("deployment");
  out.summary_id = fields.text("summary_id");
  out.summary_en = fields.text("summary_en");
  out.remedy_id = fields.text("remedy_id");
  out.remedy_en = fields.text("remedy_en");
  out.baseline = fields.has("baseline") && fields.boolean("baseline");
  if (!fields.good()) return corrupt("notice");
  return out;
}

std::string encode(const Digest& digest) {
  json::Writer out;
  out.begin_object().member("agency", digest.agency).member("at", base::to_rfc3339(digest.at));
  for (const model::Severity severity : model::kSeverities) {
    out.member(model::name_of(severity),
               static_cast<std::int64_t>(digest.firing[static_cast<std::size_t>(severity)]));
  }
  return out.end_object().take();
}

base::Result<Digest> decode_digest(std::string_view payload) {
  Fields fields(payload);
  Digest out;
  out.agency = fields.text("agency");
  out.at = fields.instant("at");
  for (const model::Severity severity : model::kSeverities) {
    const std::int64_t count = fields.integer(model::name_of(severity));
    if (count < 0) fields.spoil();
    out.firing[static_cast<std::size_t>(severity)] = static_cast<std::uint64_t>(count);
  }
  if (!fields.good()) return corrupt("digest");
  return out;
}

void Digests::add(const alerts::Notice& open) {
  Digest& digest = by_agency_[open.agency];
  ++digest.firing[static_cast<std::size_t>(open.severity)];
}

std::vector<Digest> Digests::as_of(base::Instant at) const {
  std::vector<Digest> out;
  out.reserve(by_agency_.size());
  for (const auto& [agency, digest] : by_agency_) {
    out.push_back({.agency = agency, .at = at, .firing = digest.firing});
  }
  return out;
}

}  // namespace patuh::sinks
