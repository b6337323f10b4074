#include "random_pack.h"

#include <iostream>
#include <utility>

namespace patuh::engine::naive {

using std::chrono::hours;

namespace {

constexpr int kAgency = 0;  // the first kinds play parts: agency, waiver, source, deployment
constexpr int kDeployment = 3;
constexpr int kWide = 36;  // attributes: more than a pair has bits for what it reads of its own

std::string number(std::int64_t n) { return std::to_string(n); }

}  // namespace

std::set<base::Duration> spans() { return {hours(6), hours(24), hours(36), hours(72)}; }

RandomPack::RandomPack(Dice& dice, bool with_held) : dice_(dice), with_held_(with_held) {
  make_kinds();
  const std::int64_t count = dice_.between(3, 8);
  for (std::int64_t i = 0; i < count; ++i) rules_.push_back(make_rule("R" + number(rules_made_++)));
}

// ── Schema ──

void RandomPack::make_kinds() {
  kinds_.push_back({"dinas",
                    {{"kode", Of::kText, "{ type = \"string\" }", false},
                     {"pusat", Of::kBool, "{ type = \"bool\" }", false}},
                    {}});
  kinds_.push_back(
      {"izin",
       {{"aturan", Of::kText, "{ type = \"string\" }", false},
        {"dari", Of::kTime, "{ type = \"timestamp\" }", false},
        {"sampai", Of::kTime,
         dice_.percent(50) ? "{ type = \"deadline\" }" : "{ type = \"timestamp\" }", false},
        {"status", Of::kText,
         "{ type = \"enum\", values = [\"ya\", \"usul\", \"cabut\"], default = \"ya\" }", false},
        {"syarat", Of::kText, "{ type = \"text\" }", false}},
       {{"tentang", -1, true, "{ to = \"*\", many = true }"}}});
  kinds_.push_back({"sumber",
                    {{"terdengar", Of::kTime, "{ type = \"timestamp\", telemetry = true }", false}},
                    {}});
  kinds_.push_back({"rilis",
                    {{"nomor", Of::kText, "{ type = \"string\" }", false},
                     {"tempat", Of::kText, "{ type = \"string\" }", false},
                     {"selesai", Of::kTime, "{ type = \"timestamp\" }", false}},
                    {{"milik", kFirst, false, "{ to = \"k0\" }"}}});
  const std::int64_t count = dice_.between(2, 3);
  for (std::int64_t i = 0; i < count; ++i) kinds_.push_back({"k" + number(i), {}, {}});
  for (std::size_t i = kFirst; i < kinds_.size(); ++i) add_attributes(kinds_[i]);
  for (std::size_t i = 0; i < kinds_.size(); ++i) add_relations(kinds_[i]);
  for (std::size_t i = kFirst; i < kinds_.size(); ++i) add_derived(kinds_[i], static_cast<int>(i));
  if (dice_.percent(10)) make_wide(kinds_[kFirst]);
}

// A kind of many attributes and a rule that reads them all.
void RandomPack::make_wide(Kind& kind) {
  std::string read;
  for (int i = 0; i < kWide; ++i) {
    const std::string name = "w" + number(i);
    kind.attributes.push_back({name, Of::kInt, "{ type = \"int\" }", false});
    read += (i == 0 ? "self." : ", self.") + name;
  }
  Rule rule;
  rule.id = "LEBAR";
  rule.kind = kFirst;
  rule.require = "[" + read + "].exists(z, z == 3)";
  rule.graded = grades();
  rules_.push_back(std::move(rule));
}

void RandomPack::add_attributes(Kind& kind) {
  const auto maybe = [&](Attribute attribute) {
    if (dice_.percent(75)) kind.attributes.push_back(std::move(attribute));
  };
  kind.attributes.push_back({"n", Of::kInt, "{ type = \"int\" }", false});
  kind.attributes.push_back({"s", Of::kText, "{ type = \"string\", index = true }", true});
  maybe({"f", Of::kBool, "{ type = \"bool\" }", false});
  maybe({"g", Of::kBool, "{ type = \"any\" }", false});
  maybe({"t", Of::kTime, "{ type = \"timestamp\" }", false});
  maybe({"u", Of::kTime, "{ type = \"deadline\" }", false});
  maybe({"v", Of::kTime, "{ type = \"timestamp\", telemetry = true }", false});
  maybe({"m", Of::kInt, "{ type = \"int\", default = 2, index = true }", true});
  maybe({"e", Of::kText, "{ type = \"enum\", values = [\"a\", \"b\", \"c\"], default = \"b\" }",
         false});
  maybe({"q", Of::kText, "{ type = \"text\", max = 9 }", false});
  maybe({"l", Of::kList, "{ type = \"list\", of = \"string\", max = 3 }", false});
}

void RandomPack::add_relations(Kind& kind) {
  const auto target = [&] {
    return static_cast<int>(dice_.between(kFirst, static_cast<std::int64_t>(kinds_.size()) - 1));
  };
  if (&kind != &kinds_[kAgency] && (&kind != &kinds_[kDeployment] || dice_.percent(50))) {
    kind.relations.push_back({"ag", kAgency, false, "{ to = \"dinas\", agency = true }"});
  }
  if (&kind < &kinds_[kFirst] && &kind != &kinds_[kAgency]) return;
  const std::string one = kinds_[static_cast<std::size_t>(target())].name;
  const auto index_of = [&](const std::string& name) {
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      if (kinds_[i].name == name) return static_cast<int>(i);
    }
    return -1;
  };
  if (dice_.percent(80)) {
    kind.relations.push_back(
        {"one", index_of(one), false, "{ to = \"" + one + "\", index = true }"});
  }
  if (dice_.percent(80)) {
    const int to = target();
    const std::string max = dice_.percent(50) ? ", max = 2" : "";
    kind.relations.push_back(
        {"few", to, true,
         "{ to = \"" + kinds_[static_cast<std::size_t>(to)].name + "\", many = true" + max + " }"});
  }
  if (dice_.percent(40)) {
    kind.relations.push_back({"all", -1, true, "{ to = \"*\", many = true }"});
  }
  // Two ends of one edge, between the first two plain kinds.
  if (&kind == &kinds_[kFirst] && dice_.percent(60)) {
    kind.relations.push_back(
        {"kids", kFirst + 1, true, "{ to = \"k1\", many = true, inverse = \"k1.home\" }"});
    kinds_[kFirst + 1].relations.push_back(
        {"home", kFirst, false, "{ to = \"k0\", inverse = \"k0.kids\" }"});
  }
}

void RandomPack::add_derived(Kind& kind, int of) {
  const Object self{"self", of};
  if (dice_.percent(50)) {
    kind.attributes.push_back(
        {"d1", Of::kInt, "{ type = \"int\", derive = \"self.n + 1\", index = true }", true});
  }
  if (dice_.percent(50)) {
    kind.attributes.push_back(
        {"d2", Of::kBool, "{ type = \"bool\", derive = \"self.n > 2 && self.s == 'a'\" }", false});
  }
  if (dice_.percent(50) && !kind.relations.empty()) {
    const Object there = set(self);
    if (there.kind >= kFirst) {
      kind.attributes.push_back(
          {"d3", Of::kInt,
           "{ type = \"int\", derive = \"\"\"count(" + there.text + ".filter(y, y.n > 1)) \"\"\" }",
           false});
    }
  }
  if (dice_.percent(50)) {
    const Object there = set(self);
    const Attribute* const time = there.kind < 0 ? nullptr : some(there.kind, Of::kTime);
    if (time != nullptr) {
      kind.attributes.push_back({"d4", Of::kTime,
                                 "{ type = \"timestamp\", derive = \"\"\"latest(" + there.text +
                                     ", '" + time->name + "')." + time->name + " \"\"\" }",
                                 false});
    }
  }
}

const RandomPack::Attribute* RandomPack::some(int kind, Of of) {
  std::vector<const Attribute*> found;
  for (const Attribute& attribute : kinds_[static_cast<std::size_t>(kind)].attributes) {
    if (attribute.of == of && !attribute.name.starts_with('d')) found.push_back(&attribute);
  }
  return found.empty() ? nullptr : dice_.pick(found);
}

// ── Rules ──

RandomPack::Rule RandomPack::make_rule(const std::string& id) {
  for (;;) {
    Rule rule = draw_rule(id);
    if (is_affordable(rule)) return rule;
  }
}

// Loops in loops may cost more than a pack is allowed.
bool RandomPack::is_affordable(const Rule& rule) {
  const std::vector<Rule> rules = std::exchange(rules_, {rule});
  const auto book = try_load();
  rules_ = rules;
  if (book) return true;
  for (const base::Diagnostic& one : book.error().list()) {
    const bool is_cost = one.code == "PACK-COST" || one.level == base::Diagnostic::Level::kWarning;
    if (!is_cost) std::cerr << book.error().render();
    PATUH_ASSERT(is_cost);
  }
  return false;
}

RandomPack::Rule RandomPack::draw_rule(const std::string& id) {
  Rule rule;
  rule.id = id;
  rule.kind = static_cast<int>(dice_.between(kFirst, static_cast<std::int64_t>(kinds_.size()) - 1));
  if (dice_.percent(12)) rule.kind = static_cast<int>(dice_.between(0, kDeployment));
  const Object self{"self", rule.kind};
  in_rule_ = true;
  if (dice_.percent(50)) rule.when = condition(self, 2);
  rule.require = condition(self, 3);
  in_rule_ = false;
  if (rule.kind >= kFirst && dice_.percent(30)) rule.occurrence = "self.s";
  rule.graded = grades();
  if (dice_.percent(15)) {
    rule.effective = "{ from = 2026-01-0" + number(dice_.between(2, 9)) + ", until = 2026-02-1" +
                     number(dice_.between(0, 9)) + " }";
  }
  return rule;
}

std::string RandomPack::grades() {
  const std::string severity = dice_.pick({"low", "medium", "high", "critical", "critical"});
  const std::string grace = dice_.pick({"0s", "0s", "6h", "24h", "72h"});
  const std::string mode = dice_.percent(15) ? "shadow" : "enforced";
  return "severity = \"" + severity + "\"\ngrace = \"" + grace + "\"\nmode = \"" + mode + "\"\n";
}

void RandomPack::change() {
  if (dice_.percent(20)) parameter_ = dice_.pick({"36h", "24h", "6h"});
  if (dice_.percent(50)) rules_.push_back(make_rule("R" + number(rules_made_++)));
  if (dice_.percent(40) && rules_.size() > 1) {
    rules_.erase(rules_.begin() + static_cast<std::ptrdiff_t>(dice_.below(rules_.size())));
  }
  if (dice_.percent(50)) rules_[dice_.below(rules_.size())].graded = grades();
  if (dice_.percent(50)) {
    const std::size_t at = dice_.below(rules_.size());
    const std::string id = rules_[at].id;
    Rule rewritten = make_rule(id);
    rules_[at] = std::move(rewritten);
  }
  if (dice_.percent(20)) {
    // Longer texts no longer fit.
    for (Kind& kind : kinds_) {
      for (Attribute& one : kind.attributes) {
        if (one.name == "q") one.declared = "{ type = \"text\", max = 2 }";
      }
    }
  }
  if (dice_.percent(30)) {
    // A field more, in front: all numbers behind it move.
    Kind& kind = kinds_[static_cast<std::size_t>(
        dice_.between(kFirst, static_cast<std::int64_t>(kinds_.size()) - 1))];
    kind.attributes.insert(kind.attributes.begin(),
                           {"x" + number(rules_made_++), Of::kInt, "{ type = \"int\" }", false});
  }
}

// ── Expressions ──

std::string RandomPack::word() { return dice_.pick({"'a'", "'b'", "'c'"}); }

std::string RandomPack::span() {
  return dice_.pick({"days(1)", "days(3)", "hours(6)", "params.p"});
}

std::string RandomPack::condition() {
  const int kind =
      static_cast<int>(dice_.between(kFirst, static_cast<std::int64_t>(kinds_.size()) - 1));
  return condition({"self", kind}, 1);
}

std::string RandomPack::condition(const Object& of, int depth) {
  if (depth == 0) return atom(of, 0);
  switch (dice_.below(6)) {
    case 0:
      return "(" + condition(of, depth - 1) + " && " + condition(of, depth - 1) + ")";
    case 1:
      return "(" + condition(of, depth - 1) + " || " + condition(of, depth - 1) + ")";
    case 2:
      return "!(" + condition(of, depth - 1) + ")";
    case 3:
      return "(" + condition(of, depth - 1) + " ? " + condition(of, depth - 1) + " : " +
             condition(of, depth - 1) + ")";
    default:
      return atom(of, depth);
  }
}

std::string RandomPack::atom(const Object& of, int depth) {
  if (of.kind < 0) {
    return dice_.pick<std::string>({of.text + ".kind == 'k0'", "known(" + of.text + ")",
                                    of.text + ".id == 'e1'", of.text + " == self"});
  }
  const Kind& kind = kinds_[static_cast<std::size_t>(of.kind)];
  const bool may_hold = with_held_ && in_rule_ && loops_ == 0 && depth > 0;
  if (may_hold && dice_.percent(12)) return about_held(of, depth);
  const std::size_t choice = dice_.below(100);
  if (choice < 35 && !kind.attributes.empty()) {
    return about_attribute(of, dice_.pick(kind.attributes));
  }
  if (choice < 50) return about_relation(of, depth);
  if (choice < 85) return about_set(of, depth);
  if (choice < 90) return about_lookup(of, depth);
  if (choice < 95) return about_time("changed_at(" + of.text + ")");
  return of.text + ".id == 'e" + number(dice_.between(0, 3)) + "'";
}

std::string RandomPack::about_attribute(const Object& of, const Attribute& attribute) {
  const std::string it = of.text + "." + attribute.name;
  const bool has_past = attribute.of != Of::kList && attribute.name != "g" &&
                        !attribute.name.starts_with('d') && of.kind >= 0;
  if (has_past && dice_.percent(15)) return about_past(it, attribute.of);
  if (dice_.percent(10)) return "has(" + it + ")";
  if (dice_.percent(10)) return "filled(" + it + ")";
  if (dice_.percent(5)) return it + " == null";
  switch (attribute.of) {
    case Of::kBool:
      return it;
    case Of::kInt:
      return it + dice_.pick({" > ", " == ", " <= "}) + number(dice_.between(0, 4));
    case Of::kText:
      return dice_.percent(70) ? it + " == " + word() : it + " in ['a', 'b']";
    case Of::kTime:
      return about_time(it);
    case Of::kList:
      return dice_.percent(50) ? "'a' in " + it : it + ".exists(z, z == 'b')";
  }
  return it;
}

std::string RandomPack::about_past(const std::string& it, Of of) {
  if (dice_.percent(50)) {
    return "changes(" + it + ", " + span() + ") " + dice_.pick({">", "<="}) + " " +
           number(dice_.between(0, 2));
  }
  const std::string before = "previous(" + it + ")";
  if (dice_.percent(20)) return before + " != null";
  if (dice_.percent(30)) return before + " != " + it;
  if (of == Of::kTime) return about_time(before);
  if (of == Of::kInt) return before + " > " + number(dice_.between(0, 3));
  return of == Of::kBool ? before : before + " == " + word();
}

std::string RandomPack::about_time(const std::string& time) {
  switch (dice_.below(6)) {
    case 0:
      return time + dice_.pick({" < now", " <= now", " > now", " >= now"});
    case 1:
      return time + " + " + span() + dice_.pick({" < now", " >= now"});
    case 2:
      return "now - " + time + dice_.pick({" > ", " <= "}) + span();
    case 3:
      return "now > " + time + " - " + span();
    case 4:
      return time + " >= start_of('month', now)";
    default:
      return time + " - now < " + span();
  }
}

std::string RandomPack::about_relation(const Object& of, int depth) {
  std::vector<const Relation*> singles;
  for (const Relation& relation : kinds_[static_cast<std::size_t>(of.kind)].relations) {
    if (!relation.many) singles.push_back(&relation);
  }
  if (singles.empty()) return of.text + ".id != 'e0'";
  const Relation& relation = *dice_.pick(singles);
  const Object end{of.text + "." + relation.name, relation.to};
  switch (dice_.below(depth > 0 ? 6 : 3)) {
    case 0:
      return "known(" + end.text + ")";
    case 1:
      return end.text + (dice_.percent(50) ? " != null" : " == null");
    case 2:
      return "filled(" + end.text + ")";
    default:
      return condition(end, depth - 1);
  }
}

// The kind of everything reach() meets, -1 when there are several.
int RandomPack::met_by(int kind, const std::string& relation) const {
  std::set<int> met;
  std::vector<int> open = {kind};
  while (!open.empty()) {
    const Kind& from = kinds_[static_cast<std::size_t>(open.back())];
    open.pop_back();
    for (const Relation& one : from.relations) {
      if (one.name != relation) continue;
      if (one.to < 0) return -1;
      if (met.insert(one.to).second) open.push_back(one.to);
    }
  }
  return met.size() == 1 ? *met.begin() : -1;
}

RandomPack::Object RandomPack::set(const Object& of) {
  std::vector<Object> sets;
  for (const Relation& relation : kinds_[static_cast<std::size_t>(of.kind)].relations) {
    sets.push_back({"related(" + of.text + ", '" + relation.name + "')", relation.to});
    sets.push_back(
        {"reach(" + of.text + ", '" + relation.name + "')", met_by(of.kind, relation.name)});
    if (relation.to == kAgency && !relation.many) {
      const int kind =
          static_cast<int>(dice_.between(kFirst, static_cast<std::int64_t>(kinds_.size()) - 1));
      sets.push_back({"members(" + of.text + "." + relation.name + ", '" +
                          kinds_[static_cast<std::size_t>(kind)].name + "')",
                      kind});
    }
  }
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    for (const Relation& relation : kinds_[i].relations) {
      if (relation.to != of.kind && relation.to != -1) continue;
      sets.push_back(
          {"referrers(" + of.text + ", '" + kinds_[i].name + "', '" + relation.name + "')",
           static_cast<int>(i)});
      sets.push_back({"referrers(" + of.text + ", '*', '" + relation.name + "')", -1});
      sets.push_back({"reach(" + of.text + ", '^" + kinds_[i].name + "." + relation.name + "')",
                      static_cast<int>(i)});
    }
  }
  if (of.kind >= kFirst) {
    sets.push_back({"same(" + of.text + ", 's')", of.kind});
    const int kind =
        static_cast<int>(dice_.between(kFirst, static_cast<std::int64_t>(kinds_.size()) - 1));
    const std::string name = kinds_[static_cast<std::size_t>(kind)].name;
    sets.push_back({"where('" + name + "', 's', " + of.text + ".s)", kind});
    sets.push_back({"where('" + name + "', 's', " + word() + ")", kind});
  }
  if (of.kind == kAgency) sets.push_back({"members(" + of.text + ", 'k0')", kFirst});
  if (sets.empty()) return {"where('k0', 's', 'a')", kFirst};
  return dice_.pick(sets);
}

std::string RandomPack::about_set(const Object& of, int depth) {
  const Object there = set(of);
  const std::string size = number(dice_.between(0, 3));
  if (depth == 0 || loops_ >= 2 || dice_.percent(25)) {
    return (dice_.percent(50) ? "count(" : "size(") + there.text + ")" +
           dice_.pick({" > ", " == ", " <= "}) + size;
  }
  if (there.kind >= kFirst && dice_.percent(20)) {
    const std::string of_n = "(" + there.text + ", 'n')";
    const std::string average = "avg" + of_n + " > " + size + ".5";
    return dice_.pick<std::string>({"sum" + of_n + " > " + size, "min" + of_n + " > " + size,
                                    "max" + of_n + " > " + size, average});
  }
  const Attribute* const time = there.kind < 0 ? nullptr : some(there.kind, Of::kTime);
  if (time != nullptr && dice_.percent(20)) {
    const std::string latest = "latest(" + there.text + ", '" + time->name + "')";
    return dice_.percent(30) ? latest + " != null" : condition({latest, there.kind}, depth - 1);
  }
  const std::string name = "v" + number(loops_++);
  const std::string macro = dice_.pick({"exists", "all", "exists_one"});
  const std::string body = condition({name, there.kind}, depth - 1);
  --loops_;
  return there.text + "." + macro + "(" + name + ", " + body + ")";
}

// No loop is open here: its variable could not stand inside.
std::string RandomPack::about_held(const Object& of, int depth) {
  return "held_for(" + condition(of, depth - 1) + ", " + span() + ")";
}

std::string RandomPack::about_lookup(const Object& of, int depth) {
  const int kind = static_cast<int>(dice_.between(0, static_cast<std::int64_t>(kinds_.size()) - 1));
  const bool by_text = of.kind >= kFirst && dice_.percent(50);
  const std::string id = by_text ? of.text + ".s" : "'e" + number(dice_.between(0, 5)) + "'";
  const Object found{"lookup('" + kinds_[static_cast<std::size_t>(kind)].name + "', " + id + ")",
                     kind};
  return depth > 0 && dice_.percent(50) ? condition(found, depth - 1) : "known(" + found.text + ")";
}

// ── Text ──

std::string RandomPack::schema_text() const {
  std::string out =
      "[pack]\nid = \"acak\"\nversion = \"1\"\ntime_zone = \"Asia/Jakarta\"\n"
      "title.id = \"Acak\"\ntitle.en = \"Random\"\n\n"
      "[domains]\natas.title.id = \"Atas\"\natas.title.en = \"Upper\"\n"
      "bawah.title.id = \"Bawah\"\nbawah.title.en = \"Lower\"\n\n";
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const Kind& kind = kinds_[i];
    out += "[kinds." + kind.name + "]\ntitle.id = \"" + kind.name + "\"\ntitle.en = \"" +
           kind.name + "\"\n";
    if (i >= kFirst) out += i % 2 == 0 ? "domain = \"atas\"\n" : "domain = \"bawah\"\n";
    out += "[kinds." + kind.name + ".attributes]\n";
    for (const Attribute& one : kind.attributes) out += one.name + " = " + one.declared + "\n";
    out += "[kinds." + kind.name + ".relations]\n";
    for (const Relation& one : kind.relations) out += one.name + " = " + one.declared + "\n";
    out += "\n";
  }
  return out +
         "[roles.agency]\nkind = \"dinas\"\ncode = \"kode\"\nwhole = \"pusat\"\n"
         "[roles.source]\nkind = \"sumber\"\nlast_heard = \"terdengar\"\n"
         "[roles.waiver]\nkind = \"izin\"\nabout = \"tentang\"\nrule = \"aturan\"\n"
         "from = \"dari\"\nuntil = \"sampai\"\nstatus = \"status\"\ncondition = \"syarat\"\n"
         "granted = \"ya\"\nrevoked = \"cabut\"\n"
         "[roles.deployment]\nkind = \"rilis\"\nof = \"milik\"\nenvironment = \"tempat\"\n"
         "occurrence = \"nomor\"\nat = \"selesai\"\nstub = { n = 3 }\n";
}

std::string RandomPack::site_text() {
  std::string out;
  for (const char* const source : {"s0", "s1"}) {
    out += "[[grant]]\nsource = \"" + std::string(source) + "\"\nkind = \"*\"\n";
  }
  return out;
}

std::string RandomPack::rules_text() const {
  std::string out =
      "[params]\np = { value = \"" + parameter_ + "\", title.id = \"p\", title.en = \"p\" }\n\n";
  for (const Rule& rule : rules_) {
    out += "\n[[rule]]\nid = \"" + rule.id + "\"\nkind = \"" +
           kinds_[static_cast<std::size_t>(rule.kind)].name + "\"\n" + rule.graded;
    if (!rule.when.empty()) out += "when = \"\"\"" + rule.when + " \"\"\"\n";
    out += "require = \"\"\"" + rule.require + " \"\"\"\n";
    if (!rule.occurrence.empty()) out += "occurrence = \"" + rule.occurrence + "\"\n";
    if (!rule.effective.empty()) out += "effective = " + rule.effective + "\n";
    out += "title.id = \"" + rule.id + "\"\ntitle.en = \"" + rule.id +
           "\"\nremedy.id = \"Perbaiki.\"\nremedy.en = \"Mend it.\"\n"
           "message.id = \"{self.id} melanggar\"\nmessage.en = \"{self.id} violates\"\n";
  }
  return out;
}

std::string RandomPack::text() const { return schema_text() + rules_text(); }

rulebook::Loaded RandomPack::try_load() const {
  const std::vector<rulebook::PackFile> files = {{"0:schema.toml", schema_text()},
                                                 {"0:rules.toml", rules_text()},
                                                 {"1:site.toml", site_text()}};
  return rulebook::load(files);
}

std::shared_ptr<const rulebook::RuleBook> RandomPack::load() const {
  auto book = try_load();
  if (!book) std::cerr << book.error().render() << text();
  PATUH_ASSERT(book.has_value());
  return *book;
}

RandomPack::RuleName RandomPack::some_rule() {
  const Rule& rule = dice_.pick(rules_);
  return {rule.id, kinds_[static_cast<std::size_t>(rule.kind)].name};
}

}  // namespace patuh::engine::naive
