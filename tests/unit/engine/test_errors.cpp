// What the engine's own functions say went wrong, as an explanation tells it in both languages.
#include <gtest/gtest.h>

#include <set>

#include "collectors/decode/decode.h"
#include "estate.h"
#include "tests/unit/error_keys.h"

namespace patuh::engine::naive {
namespace {

// Of derived attributes, each of which reads the one before of another element.
constexpr int kDepth = 18;

// Chains of apps, each on the next: a derived attribute that reads on, and more than can be met.
class Chain {
 public:
  Chain(const std::string& rules, int length) : engine_(book_of(rules), Options{}) {
    for (int i = 1; i <= length; ++i) {
      const std::string base = i == 1 ? "" : ",\"base\":\"a" + std::to_string(i - 1) + "\"";
      send("app/a" + std::to_string(i), "{\"users\":" + std::to_string(i) + base + "}", i);
    }
  }
  Explanation explain(const std::string& element) const {
    const auto key = model::element_key_of(element);
    const auto& registry = engine_.registry();
    const auto found = registry.find(*registry.schema().kind_of(key->kind), key->id);
    return *engine_.explain(engine_.book().rule("R")->number, *found);
  }

 private:
  static std::shared_ptr<const rulebook::RuleBook> book_of(const std::string& rules) {
    std::string depths;
    for (int i = 1; i <= kDepth; ++i) {
      const std::string read = i == 1 ? "users" : "depth" + std::to_string(i - 1);
      depths += "depth" + std::to_string(i) + " = { type = \"int\", derive = \"self.base." + read +
                "\" }\n";
    }
    std::string schema = common_schema();
    schema.insert(schema.find("parts_open = "), depths);
    return load_book(schema, rules);
  }
  void send(const std::string& subject, const std::string& data, std::int64_t version) {
    const model::Envelope envelope{.type = std::string(model::name_of(model::Operation::kUpsert)),
                                   .source = "s",
                                   .id = subject,
                                   .time = base::Instant{},
                                   .version = version,
                                   .subject = subject,
                                   .data = data,
                                   .position = {}};
    const auto event = decode::interpret(envelope, *engine_.book().schema);
    ASSERT_TRUE(event.has_value());
    engine_.apply(base::Instant{}, *event);
  }

  Engine engine_;
};

struct Fault {
  std::string key, require, en, id;
};

const std::vector<Fault> kFaults = {
    {"error.not_element", "known(dyn(1))", "a value of the wrong type: an element is needed here",
     "jenis nilai tidak cocok: di sini harus elemen"},
    {"error.not_agency", "count(members(dyn(self), 'app')) > 0",
     "a value of the wrong type: an agency is needed here",
     "jenis nilai tidak cocok: di sini harus perangkat daerah"},
    {"error.not_id", "lookup('app', dyn(1)) != null",
     "a value of the wrong type: an id, a string, is needed here",
     "jenis nilai tidak cocok: di sini harus id, berupa string"},
    {"error.not_span", "changes(self.users, dyn(1)) > 0",
     "a value of the wrong type: a duration is needed here",
     "jenis nilai tidak cocok: di sini harus durasi"},
    {"error.no_relation", "count(related(dyn(self), 'app')) > 0",
     "a part that is not there: app has no relation 'app'",
     "bagian ini tidak ada: app tidak punya relasi 'app'"},
    {"error.no_field", "dyn(self).nonesuch == 1",
     "a part that is not there: app has no field nonesuch",
     "bagian ini tidak ada: app tidak punya atribut nonesuch"},
    {"error.to_many", "count(dyn(self).uses) > 0",
     "a value of the wrong type: a relation to many is read by related(): uses",
     "jenis nilai tidak cocok: relasi ke banyak elemen dibaca dengan related(): uses"},
    {"error.derived_deep", "self.depth18 == 1",
     "longer than the schema allows: derived attributes read each other too deeply",
     "lebih panjang daripada batas skema: atribut turunan saling membaca terlalu dalam"},
};

TEST(ErrorsOfTheEngine, AreToldInBothLanguages) {
  for (const Fault& fault : kFaults) {
    const Chain chain(rule("R", "app", "require = \"" + fault.require + "\""), 20);
    const Explanation why = chain.explain("app/a20");
    EXPECT_EQ(why.reason_told.en, fault.en) << fault.require;
    EXPECT_EQ(why.reason_told.id, fault.id) << fault.require;
  }
}

TEST(ErrorsOfTheEngine, OfMoreThanCanBeMetSayHowMuchThatIs) {
  const std::string last = "when = \"self.users == 1002\"\n";
  const Chain chain(rule("R", "app", last + "require = \"count(reach(self, 'base')) > 0\""), 1'002);
  const Explanation why = chain.explain("app/a1002");
  EXPECT_EQ(why.reason, "reach() meets more than 1000 elements or 4000 edges");
  EXPECT_EQ(why.reason_told.id,
            "lebih panjang daripada batas skema: reach() menjumpai lebih dari 1000 elemen atau "
            "4000 hubungan");
}

TEST(ErrorsOfTheEngine, NoneIsLeftOut) {
  std::set<std::string> wanted = {"error.reach"};
  for (const Fault& fault : kFaults) wanted.insert(fault.key);
  std::set<std::string> named = error_keys_of("daemon/engine");
  named.merge(error_keys_of("daemon/rulebook"));
  EXPECT_EQ(named, wanted);
}

}  // namespace
}  // namespace patuh::engine::naive
