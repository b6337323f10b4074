// Business processes: one at the top of each agency, the others under it.
#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

const std::vector<std::string_view> kPatterns = {"Pengelolaan", "Verifikasi", "Pengendalian",
                                                 "Pelaporan",   "Evaluasi",   "Perencanaan"};
constexpr int kOldVersion = 300;  // permille, of the codes that had a version before
constexpr int kTwins = 18;        // permille that other agencies have too
constexpr int kAcrossAgencies = 80;

class Processes {
 public:
  explicit Processes(Estate& estate) : estate_(estate), dice_(estate.options.seed, "processes") {}

  void make() {
    const std::vector<std::size_t> owners = estate_.by_weight(false);
    std::vector<int> made(estate_.agencies.size());
    for (int i = 0; i < estate_.sizes.processes; ++i) {
      const std::size_t agency = owners[static_cast<std::size_t>(i) % owners.size()];
      make_one(agency, made[agency]++);
    }
  }

 private:
  void make_one(std::size_t agency, int n) {
    const Agency& owner = estate_.agencies[agency];
    Draft draft(estate_, dice_, "proses_bisnis", agency, numbered(owner.code + "-pb", n));
    const bool top = n == 0;
    const bool twin = !top && dice_.chance(kTwins);
    std::string name =
        top ? "Penyelenggaraan urusan " + owner.name : named(owner, kPatterns, n - 1);
    if (twin) name = "Pengelolaan surat masuk";
    draft.describe(name, reference(owner, twin));
    const int level = top ? 0 : place_under(draft, owner, n);
    draft.give("tingkat", whole(level), 15);
    describe_kind(draft, top);
    describe_parties(draft, agency);
    describe_goals(draft);
    estate_.processes.push_back(draft.finish());
  }

  std::string reference(const Agency& owner, bool twin) {
    if (twin) return "RAB.09.07";
    const std::string code = "RAB." + owner.affair;
    const bool had_old = owner.affair == "04.01" || owner.affair == "06.01" ||
                         owner.affair == "09.01" || owner.affair == "03.01";
    return had_old && dice_.chance(kOldVersion) ? code + "@2020" : code;
  }

  // The first few stand under the top one, the others under one of those.
  int place_under(Draft& draft, const Agency& owner, int n) {
    const int parent = n <= 4 ? 0 : dice_.between(1, 4);
    const std::string id = numbered(owner.code + "-pb", parent);
    draft.give("induk", text(id), 30);
    return parent == 0 ? 1 : 2;
  }

  void describe_kind(Draft& draft, bool top) {
    const int kind = top ? 0 : dice_.between(0, 99);
    const std::string_view name = kind < 60 ? "inti" : kind < 75 ? "manajemen" : "pendukung";
    draft.give("jenis_proses", text(name), 20);
    draft.put("terdigitalisasi", flag(dice_.chance(480)));
    draft.give("ditinjau_pada", date(draft.day() - days(dice_.between(5, 500))), 60);
    if (dice_.chance(350)) {
      const Day day = draft.later(40);
      draft.change(day, Data().put("ditinjau_pada", date(day)));
    }
  }

  void describe_parties(Draft& draft, std::size_t agency) {
    if (!dice_.chance(kAcrossAgencies)) return;
    std::vector<std::string> parties = {estate_.agencies[agency].code};
    if (!dice_.chance(200)) parties.push_back(dice_.pick(estate_.agencies).code);
    draft.put("lintas_pd", flag(true)).put("pihak", texts(parties));
  }

  void describe_goals(Draft& draft) {
    draft.put("sasaran", text("Proses selesai tepat waktu"));
    draft.put("indikator", text("Persentase selesai tepat waktu"));
    draft.put("target", text(std::to_string(dice_.between(80, 98)) + " %"));
    for (int i = dice_.between(0, 3); i > 0; --i) {
      const Json result = text(std::to_string(dice_.between(60, 99)) + " %");
      draft.change(draft.later(30), Data().put("realisasi", result));
    }
  }

  Estate& estate_;
  Prng dice_;
};

}  // namespace

void make_processes(Estate& estate) { Processes(estate).make(); }

}  // namespace patuh::sample
