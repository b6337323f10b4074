// The only includer of toml++.
#include <toml++/toml.h>

#include <algorithm>
#include <exception>

#include "toml/source.h"
#include "toml/toml.h"

namespace patuh::toml {
namespace {

class Reader {
 public:
  explicit Reader(const Source& source) : source_(source) {}

  Node read(const ::toml::node& node) const {
    const At at = at_of(node.source());
    switch (node.type()) {
      case ::toml::node_type::table:
        return {at, members_of(*node.as_table())};
      case ::toml::node_type::array:
        return {at, items_of(*node.as_array())};
      default:
        return {at, scalar_of(node)};
    }
  }

  At at_of(const ::toml::source_region& region) const {
    return {&source_, region.begin.line, region.begin.column};
  }

 private:
  // toml++ hands tables out in the order of their keys; a user reads them in the file's.
  std::vector<Member> members_of(const ::toml::table& table) const {
    std::vector<Member> members;
    members.reserve(table.size());
    for (const auto& [key, value] : table) {
      members.push_back({std::string(key.str()), at_of(key.source()), read(value)});
    }
    std::ranges::sort(members, [](const Member& a, const Member& b) { return a.at < b.at; });
    return members;
  }

  std::vector<Node> items_of(const ::toml::array& array) const {
    std::vector<Node> items;
    items.reserve(array.size());
    for (const ::toml::node& item : array) items.push_back(read(item));
    return items;
  }

  static std::chrono::year_month_day day_of(const ::toml::date& date) {
    return {std::chrono::year(date.year), std::chrono::month(date.month),
            std::chrono::day(date.day)};
  }
  static base::Duration time_of(const ::toml::time& time) {
    return std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) +
           std::chrono::seconds(time.second) +
           std::chrono::duration_cast<base::Duration>(std::chrono::nanoseconds(time.nanosecond));
  }
  static Node::Value moment_of(const ::toml::date_time& moment) {
    const LocalDateTime local{day_of(moment.date), time_of(moment.time)};
    if (!moment.offset) return local;
    return base::Instant(std::chrono::sys_days(local.day)) + local.time -
           std::chrono::minutes(moment.offset->minutes);
  }

  static Node::Value scalar_of(const ::toml::node& node) {
    switch (node.type()) {
      case ::toml::node_type::string:
        return node.as_string()->get();
      case ::toml::node_type::integer:
        return node.as_integer()->get();
      case ::toml::node_type::floating_point:
        return node.as_floating_point()->get();
      case ::toml::node_type::boolean:
        return node.as_boolean()->get();
      case ::toml::node_type::date:
        return day_of(node.as_date()->get());
      case ::toml::node_type::time:
        return time_of(node.as_time()->get());
      default:
        return moment_of(node.as_date_time()->get());
    }
  }

  const Source& source_;
};

}  // namespace

std::optional<Document> Document::parse(std::string name, std::string text, Report& report) {
  auto source = std::make_unique<const Source>(std::move(name), std::move(text));
  if (source->text().size() > kFileBytesMax) {
    report.error({source.get(), 0, 0}, "SYNTAX", "the file is larger than 8 MiB");
    return std::nullopt;
  }
  try {
    const ::toml::table table = ::toml::parse(source->text(), std::string_view(source->name()));
    auto root = std::make_unique<const Node>(Reader(*source).read(table));
    return Document(std::move(source), std::move(root));
  } catch (const ::toml::parse_error& error) {
    const ::toml::source_position at = error.source().begin;
    report.error({source.get(), at.line, at.column}, "SYNTAX", std::string(error.description()));
  } catch (const std::exception& error) {
    report.error({source.get(), 0, 0}, "SYNTAX",
                 std::string("the file cannot be read: ") + error.what());
  }
  return std::nullopt;
}

}  // namespace patuh::toml
