#include "sinks/alert.h"

#include <algorithm>

#include "json/json.h"
#include "text/text.h"

namespace patuh::sinks {
namespace {

using text::Lang;

std::string path_encoded(std::string_view text) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.contains(c)) {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

// "kritis 3, tinggi 1"; severities without any are left out.
std::string counts_in(Lang lang, const Digest& digest) {
  std::string out;
  for (const model::Severity severity : model::kSeverities) {
    const std::uint64_t count = digest.firing[static_cast<std::size_t>(severity)];
    if (count == 0) continue;
    if (!out.empty()) out += ", ";
    out += text::of(lang, "severity." + std::string(model::name_of(severity))) + " " +
           text::number_in(lang, static_cast<std::int64_t>(count));
  }
  return out;
}

std::string group_summary(Lang lang, const alerts::Notice& first, std::size_t count) {
  const std::string& summary = lang == Lang::kEnglish ? first.summary_en : first.summary_id;
  return text::of(lang, "alert.group",
                  {text::number_in(lang, static_cast<std::int64_t>(count)), first.rule, summary});
}

void write_map(json::Writer& out, std::string_view key,
               const std::map<std::string, std::string>& values) {
  out.key(key).begin_object();
  for (const auto& [name, value] : values) {
    if (!value.empty()) out.member(name, value);
  }
  out.end_object();
}

}  // namespace

AlertMaker::AlertMaker(std::string external_url) : external_url_(std::move(external_url)) {
  while (external_url_.ends_with('/')) external_url_.pop_back();
}

std::string AlertMaker::agency_link(const std::string& agency) const {
  return external_url_ + "/agencies/" + path_encoded(agency);
}

Alert AlertMaker::of(const alerts::Notice& notice, base::Instant until) const {
  Alert out;
  out.labels = {{"alertname", notice.rule},
                {"agency", notice.agency},
                {"rule", notice.rule},
                {"element", notice.element.text()},
                {"severity", std::string(model::name_of(notice.severity))},
                {"cause", notice.cause},
                {"occurrence", notice.occurrence},
                {"deployment", notice.deployment ? "true" : ""}};
  out.link = external_url_ + "/verdicts/" + path_encoded(notice.rule) + "/" +
             path_encoded(notice.element.kind) + "/" + path_encoded(notice.element.id);
  out.annotations = {{"summary", notice.summary_id},
                     {"summary_en", notice.summary_en},
                     {"remedy", notice.remedy_id},
                     {"remedy_en", notice.remedy_en},
                     {"link", out.link},
                     {"agency_link", agency_link(notice.agency)},
                     {"resolved_by", notice.baseline ? "baseline" : ""}};
  out.starts = notice.started;
  // An end before the start would be refused.
  out.ends = std::max(notice.firing ? until : notice.at, notice.started);
  return out;
}

Alert AlertMaker::of_group(const alerts::Notice& first, std::size_t count,
                           base::Instant until) const {
  Alert out = of(first, until);
  out.labels["element"] = "*";
  out.labels["occurrence"] = "";
  out.link = agency_link(first.agency);
  out.annotations["link"] = out.link;
  out.annotations["count"] = std::to_string(count);
  out.annotations["summary"] = group_summary(Lang::kIndonesian, first, count);
  out.annotations["summary_en"] = group_summary(Lang::kEnglish, first, count);
  out.ends = std::max(until, out.starts);
  return out;
}

Alert AlertMaker::of(const Digest& digest, base::Instant until) const {
  Alert out;
  out.labels = {{"alertname", "PatuhDigest"}, {"agency", digest.agency}, {"severity", "digest"}};
  out.link = agency_link(digest.agency);
  out.annotations = {
      {"summary",
       text::of(Lang::kIndonesian, "alert.digest", {counts_in(Lang::kIndonesian, digest)})},
      {"summary_en", text::of(Lang::kEnglish, "alert.digest", {counts_in(Lang::kEnglish, digest)})},
      {"link", out.link}};
  for (const model::Severity severity : model::kSeverities) {
    out.annotations["count_" + std::string(model::name_of(severity))] =
        std::to_string(digest.firing[static_cast<std::size_t>(severity)]);
  }
  out.starts = digest.at;
  out.ends = std::max(until, out.starts);
  return out;
}

std::string body_of(std::span<const Alert> alerts) {
  json::Writer out;
  out.begin_array();
  for (const Alert& alert : alerts) {
    out.begin_object();
    write_map(out, "labels", alert.labels);
    write_map(out, "annotations", alert.annotations);
    out.member("startsAt", base::to_rfc3339(alert.starts));
    out.member("endsAt", base::to_rfc3339(alert.ends));
    out.member("generatorURL", alert.link);
    out.end_object();
  }
  return out.end_array().take();
}

}  // namespace patuh::sinks
