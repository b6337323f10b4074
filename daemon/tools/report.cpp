#include <cstdio>
#include <filesystem>
#include <fstream>

#include "json/json.h"
#include "reports/reports.h"
#include "tools/offline.h"

namespace patuh::tools {
namespace {

// Whole or not at all: written beside and renamed into place.
base::Status write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".part";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(beside, path, error);
  if (!out || error) {
    return base::fail(base::Code::kUnavailable, path.string() + " cannot be written");
  }
  std::printf("%s\n", path.string().c_str());
  return {};
}

// What proves the report: the digest of its JSON, and the head of the chain behind it.
std::string manifest_of(const reports::Report& report, const std::string& file) {
  json::Writer out;
  out.begin_object().member("format", "patuh-manifest/1").member("report", file);
  out.member("sha256", base::to_hex(report.digest)).key("chain").begin_object();
  out.key("record").unsigned_integer(report.head.seq.value);
  return out.member("entry", base::to_hex(report.head.entry)).end_object().end_object().take();
}

base::Status write_all(const reports::Report& report, const std::filesystem::path& folder,
                       const std::string& name, const std::string& format, text::Lang lang) {
  if (format.find("json") != std::string::npos) {
    auto done = write_file(folder / (name + ".json"), report.json);
    if (done) done = write_file(folder / (name + ".manifest"), manifest_of(report, name + ".json"));
    if (!done) return done;
  }
  if (format.find("html") == std::string::npos) return {};
  const auto html = reports::to_html(report.json, report.head, lang);
  if (!html) return std::unexpected(html.error());
  return write_file(folder / (name + ".html"), *html);
}

}  // namespace

int report_generate(const Place& place, const ReportOptions& options) {
  const auto month = text::parse_month(options.month);
  if (!month) return complain(month.error());
  const auto lang = text::lang_of(options.lang);
  if (!lang) return complain({base::Code::kInvalid, "--lang is id or en"});
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto report = reports::monthly(*opened.reader, {*month, options.agency});
  if (!report) return complain(report.error());
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  const std::string name =
      "patuh-" + options.month +
      (options.agency.empty() ? "" : "-" + base::percent_encoded(options.agency)) + "-" +
      std::string(text::name_of(*lang));
  const auto done = write_all(*report, options.out, name, options.format, *lang);
  return done ? kDone : complain(done.error());
}

}  // namespace patuh::tools
