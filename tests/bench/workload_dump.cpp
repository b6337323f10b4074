#include "workload_dump.h"

#include <algorithm>
#include <string_view>

namespace patuh::bench {
namespace {

using expr::Value;

// No rule reads these.
bool is_left_out(std::string_view kind, std::string_view field) {
  return field == "n5" || field == "note" || (field == "g" && kind != "dinas");
}

// "element-0000017" and "code-0000017" are 17, "d0000017" likewise; a status stays itself.
std::string number_in(std::string_view text) {
  const std::size_t at = text.find_first_of("0123456789");
  if (at == std::string_view::npos) return std::string(text);
  const std::size_t first = text.find_first_not_of('0', at);
  return first == std::string_view::npos ? "0" : std::string(text.substr(first));
}

std::string plain(const Value& value) {
  switch (value.kind()) {
    case expr::Kind::kInt:
      return std::to_string(value.as_int());
    case expr::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case expr::Kind::kTimestamp:
      return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                value.as_instant().time_since_epoch())
                                .count());
    default:
      return number_in(value.as_string());
  }
}

}  // namespace

std::string plain_line(const model::Schema& schema, const model::ChangeEvent& event) {
  const std::string& kind = schema.kind(event.kind).name;
  std::string out = event.operation == model::Operation::kUpsert ? "upsert" : "patch";
  out += "\t" + kind + "\t" + number_in(event.element_id);
  for (const model::FieldChange& change : event.fields) {
    const model::Field& field = schema.field(event.kind, change.field);
    if (is_left_out(kind, field.name)) continue;
    out += "\t" + field.name + "\t";
    out += field.is_relation() ? number_in(change.ends.front().id) : plain(change.value);
  }
  return out + "\n";
}

std::vector<std::string> violations(const engine::Engine& engine) {
  std::vector<std::string> lines;
  engine.for_each_verdict([&](const engine::Verdict& verdict) {
    if (verdict.state != model::VerdictState::kViolating) return;
    const model::ElementKey key = engine.registry().key_of(verdict.element);
    lines.push_back(engine.book().rules[verdict.rule.value].id + "|" + key.kind + "/element-" +
                    number_in(key.id));
  });
  std::ranges::sort(lines);
  return lines;
}

std::string hash_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return base::to_hex(base::sha256(text));
}

}  // namespace patuh::bench
