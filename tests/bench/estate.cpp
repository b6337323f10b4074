#include "estate.h"

#include <array>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/unit/pack_text.h"

namespace patuh::bench {
namespace {

constexpr std::string_view kAttributes = R"toml(
name = { type = "string" }
status = { type = "enum", values = ["plan", "live", "ended"], closed = true, index = true }
public = { type = "bool" }
users = { type = "int" }
ends = { type = "timestamp" }
version = { type = "string" }
note = { type = "string" })toml";
constexpr std::string_view kRelations = R"toml(
needs = { to = "app", many = true }
host = { to = "app" })toml";

std::string rule(const std::string& id, const std::string& require, const std::string& more) {
  return "[[rule]]\nid = \"" + id + "\"\nkind = \"app\"\nseverity = \"high\"\nrequire = \"" +
         require +
         "\"\ntitle.id = \"J\"\ntitle.en = \"T\"\nremedy.id = \"O\"\nremedy.en = \"C\"\n" +
         "message.id = \"{self.name}\"\ngrace = \"72h\"\n" + more;
}

}  // namespace

std::shared_ptr<const rulebook::RuleBook> estate_book() {
  const std::string live = "when = \"self.status == 'live'\"\n";
  const std::string rules =
      rule("A-1", "filled(self.name)", "") + rule("A-2", "filled(self.version)", live) +
      rule("A-3", "self.ends > now", live) + rule("A-4", "self.users > 10", live) +
      rule("A-5", "related(self, 'needs').all(n, n.status != 'ended')", live) +
      rule("A-6", "self.host.status == 'live'", "when = \"known(self.host)\"\n") +
      rule("A-7", "!self.public || filled(self.note)", live) +
      rule("A-8", "self.users < 99000", "");
  const std::vector<rulebook::PackFile> files = {
      {"0:schema.toml", testing::schema_of_apps(kAttributes, kRelations)}, {"0:rules.toml", rules}};
  auto loaded = rulebook::load(std::span(files));
  if (!loaded) give_up(loaded.error().render());
  return *loaded;
}

decode::Delivery EstateEvents::delivery(std::size_t count) {
  decode::Delivery out;
  for (std::size_t i = 0; i < count; ++i) {
    out.items.push_back(decode::decode_one(event(), {"http", "", 0, 0}));
  }
  return out;
}

std::string EstateEvents::event() {
  const std::uint64_t number = made_++;
  time_ += step_;
  const bool is_agency = number < agencies();
  const std::uint64_t first = number - agencies();
  const std::uint64_t element = is_agency || first < elements_ ? first : below(elements_);
  const std::uint64_t agency = is_agency ? number : element / kPerAgency;
  const std::string of = std::to_string(agency);
  return R"({"op":"upsert","source":"//agency/)" + of + R"(","id":")" + std::to_string(made_) +
         R"(","subject":")" + (is_agency ? "agency/" + of : "app/app-" + std::to_string(element)) +
         R"(","time":")" + base::to_rfc3339(time_) + R"(","version":)" + std::to_string(made_) +
         R"(,"data":)" +
         (is_agency ? R"({"code":"c)" + of + R"(","nama":"Dinas )" + of + "\"}" : data(element)) +
         "}";
}

std::string EstateEvents::data(std::uint64_t element) {
  static constexpr std::array kStates = {"plan", "live", "live", "live", "ended"};
  std::string out =
      R"({"owner":")" + std::to_string(element / kPerAgency) + R"(","name":"Sistem Informasi )" +
      std::to_string(below(100'000)) + R"(","status":")" + kStates[below(5)] + R"(","public":)" +
      (below(2) == 0 ? "true" : "false") + R"(,"users":)" + std::to_string(below(100'000)) +
      R"(,"ends":"20)" + std::to_string(26 + below(5)) + R"(-07-01T00:00:00Z","note":"catatan )" +
      std::to_string(below(1000)) + "\"";
  if (below(4) != 0) out += R"(,"version":"1.)" + std::to_string(below(90)) + "\"";
  if (below(3) == 0) out += R"(,"needs":["app-)" + std::to_string(below(elements_)) + "\"]";
  if (below(3) == 0) out += R"(,"host":"app-)" + std::to_string(below(elements_)) + "\"";
  return out + "}";
}

}  // namespace patuh::bench
