#include <cstdio>
#include <filesystem>
#include <fstream>

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
  const std::string name = "patuh-" + options.month +
                           (options.agency.empty() ? "" : "-" + options.agency) + "-" +
                           std::string(text::name_of(*lang));
  const std::filesystem::path stem = std::filesystem::path(options.out) / name;
  if (options.format.find("json") != std::string::npos) {
    if (auto status = write_file(stem.string() + ".json", report->json); !status) {
      return complain(status.error());
    }
  }
  if (options.format.find("html") != std::string::npos) {
    auto html = reports::to_html(report->json, *lang);
    if (!html) return complain(html.error());
    if (auto status = write_file(stem.string() + ".html", *html); !status) {
      return complain(status.error());
    }
  }
  return kDone;
}

}  // namespace patuh::tools
