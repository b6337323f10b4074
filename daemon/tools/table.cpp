#include <algorithm>
#include <cstdio>

#include "json/json.h"
#include "tools/commands.h"

namespace patuh::tools {
namespace {

// Columns a terminal shows for UTF-8 text, one a code point.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void append_padded(std::string& out, const std::string& text, std::size_t width) {
  out += printable(text);
  out.append(width - std::min(width, width_of(text)) + 2, ' ');
}

// A cell that a spreadsheet would take for a formula is defused with a quote.
std::string csv_cell(const std::string& text) {
  std::string plain = text;
  if (!plain.empty() && std::string_view("=+-@\t\r").find(plain[0]) != std::string_view::npos) {
    plain.insert(plain.begin(), '\'');
  }
  if (plain.find_first_of(",\"\n\r") == std::string::npos) return plain;
  std::string out = "\"";
  for (const char c : plain) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void append_line(std::string& out, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += (i == 0 ? "" : ",") + csv_cell(cells[i]);
  }
  out += "\n";
}

}  // namespace

std::string Table::render(Format format) const {
  std::string out;
  if (format == Format::kCsv) {
    append_line(out, names_);
    for (const auto& row : rows_) append_line(out, row);
    return out;
  }
  if (format == Format::kJson) {
    json::Writer json;
    json.begin_array();
    for (const auto& row : rows_) {
      json.begin_object();
      for (std::size_t i = 0; i < row.size(); ++i) json.member(names_[i], row[i]);
      json.end_object();
    }
    return json.end_array().take() + "\n";
  }
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    std::size_t width = width_of(names_[i]);
    for (const auto& row : rows_) width = std::max(width, width_of(row[i]));
    widths.push_back(width);
  }
  const auto add = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) append_padded(out, row[i], widths[i]);
    out.erase(out.find_last_not_of(' ') + 1);
    out += "\n";
  };
  add(names_);
  for (const auto& row : rows_) add(row);
  return out;
}

std::string printable(std::string_view text) { return base::printable(text, "?"); }

int status_of(const base::Error& error) {
  switch (error.code) {
    case base::Code::kInvalid:
    case base::Code::kNotFound:
    case base::Code::kExists:
      return kUsage;
    case base::Code::kCorrupt:
      return kFinding;
    default:
      return kAway;
  }
}

int complain(const base::Error& error) {
  const bool corrupt = error.code == base::Code::kCorrupt;
  std::fprintf(stderr, "patuhctl: %s%s\n", error.message.c_str(),
               corrupt
                   ? "; `patuhctl store check` looks further, `patuhctl store restore` brings a "
                     "backup into an empty folder"
                   : "");
  return status_of(error);
}

int refuse(const base::Error& error) {
  const int status = complain(error);
  return error.code == base::Code::kConflict ? kUsage : status;
}

int complain(const base::Diagnostics& faults) {
  std::fputs(faults.render().c_str(), stderr);
  return kRefused;
}

}  // namespace patuh::tools
