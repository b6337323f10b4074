// The roadmap: activities that run, slip, finish, and what they build; and the policies of the
// regency.
#include <algorithm>
#include <array>

#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

constexpr auto kProgrammes = std::to_array<std::string_view>(
    {"tata_kelola", "manajemen", "layanan", "aplikasi", "infrastruktur", "keamanan", "audit_tik"});
constexpr auto kAims = std::to_array<std::string_view>(
    {"Arsitektur SPBE terpadu", "Manajemen layanan berjalan", "Layanan daring terintegrasi",
     "Aplikasi khusus terkendali", "Pusat data memenuhi standar", "Keamanan informasi terjamin",
     "Audit TIK terlaksana"});

class Roadmap {
 public:
  explicit Roadmap(Estate& estate) : estate_(estate), dice_(estate.options.seed, "roadmap") {}

  void make() {
    for (int i = 0; i < estate_.sizes.activities; ++i) make_activity(i);
  }

 private:
  struct Plan {
    Day from{}, to{};
    int pace = 100;  // percent of what time would ask for
  };

  void make_activity(int i) {
    const std::vector<std::size_t> owners = estate_.by_weight(true);
    const std::size_t unit = owners[static_cast<std::size_t>(i) % owners.size()];
    Draft draft(estate_, dice_, "kegiatan", estate_.agency_of("bappeda"), numbered("kegiatan", i));
    const std::size_t programme = static_cast<std::size_t>(i) % kProgrammes.size();
    draft.describe(std::string(kAims[programme]) + " " + estate_.agencies[unit].name, "");
    draft.put("program", text(kProgrammes[programme])).give("sasaran", text(kAims[programme]), 30);
    draft.give("uic", text(estate_.agencies[unit].code), 30);
    const Plan plan = plan_of();
    put_dates(draft, plan);
    put_budget(draft, plan);
    const std::vector<Target> targets = targets_of(i);
    put_elements(draft, targets);
    const Day done = progress(draft, plan);
    if (done < estate_.end) build(targets, done);
    draft.finish();
  }

  // Within the years around the history; one in five is too slow.
  Plan plan_of() {
    const int span = days_between(estate_.start, estate_.end);
    Plan plan;
    plan.from = estate_.start + days(dice_.between(-200, span));
    plan.to = plan.from + days(dice_.between(150, 420));
    plan.pace = dice_.chance(220) ? dice_.between(30, 75) : dice_.between(95, 125);
    return plan;
  }

  void put_dates(Draft& draft, const Plan& plan) {
    draft.put("tanggal_awal", date(plan.from)).put("tanggal_akhir", date(plan.to));
    Data years;
    for (int year = year_of(plan.from); year <= year_of(plan.to); ++year) {
      const bool last = year == year_of(plan.to);
      years.put(std::to_string(year), text(last ? "100 %" : "50 %"));
    }
    draft.give("target", {years.json()}, 60);
    if (plan.from >= Day(std::chrono::year(2026) / 6 / 1)) {
      draft.give("ran_pemdi", text("RAN-" + std::to_string(dice_.between(1, 24))), 300);
    }
  }

  void put_budget(Draft& draft, const Plan& plan) {
    const std::string code = "2.16.0" + std::to_string(dice_.between(1, 3)) + ".2.0" +
                             std::to_string(dice_.between(1, 4)) + ".0" +
                             std::to_string(dice_.between(1, 9));
    draft.give("kode_subkegiatan", text(code), 110);
    draft.give("anggaran", whole(dice_.between(40, 900) * 1'000'000LL), 90);
    draft.put("tahun_anggaran", whole(year_of(plan.from) + (dice_.chance(40) ? 1 : 0)));
  }

  // Target elements in turn, so that most are planned.
  std::vector<Target> targets_of(int i) {
    std::vector<Target> out;
    if (estate_.targets.empty() || dice_.chance(120)) return out;
    const auto activities = static_cast<std::size_t>(estate_.sizes.activities);
    for (std::size_t t = static_cast<std::size_t>(i); t < estate_.targets.size(); t += activities) {
      out.push_back(estate_.targets[t]);
    }
    if (out.empty()) out.push_back(dice_.pick(estate_.targets));
    return out;
  }

  static void put_elements(Draft& draft, const std::vector<Target>& targets) {
    std::vector<std::string> elements;
    for (const Target& target : targets) elements.push_back(target.subject);
    if (!elements.empty()) draft.put("elemen", texts(elements));
  }

  // What was built is as-is, mostly soon; in some cases nobody says so.
  void build(const std::vector<Target>& targets, Day done) {
    for (const Target& target : targets) {
      if (!dice_.chance(800)) continue;
      Data data;
      data.put("kondisi", text("as_is"));
      if (!target.built.empty()) data.put("status", text(target.built));
      data.put("bukti", texts({"berita acara serah terima"}));
      estate_.timeline.add({in_office(dice_, done + days(dice_.between(2, 40))), EventType::kPatch,
                            target.source, target.subject, data.json()});
    }
  }

  static int share(Day day, const Plan& plan) {
    if (day <= plan.from) return 0;
    const int gone = days_between(plan.from, day) * plan.pace / days_between(plan.from, plan.to);
    return std::min(gone, 100);
  }

  // The day on which it was finished, or none.
  Day progress(Draft& draft, const Plan& plan) {
    const int begun = share(draft.day(), plan);
    draft.put("progres", whole(begun)).put("status", text(status_of(begun, draft.day(), plan)));
    if (begun == 100) return draft.day();
    bool started = draft.day() > plan.from;
    for (Day day = draft.day() + days(30); day < estate_.end; day += days(30)) {
      const int done = share(day, plan);
      if (done == 0) continue;
      Data data;
      data.put("progres", whole(done));
      if (!started || done == 100) data.put("status", text(done == 100 ? "selesai" : "berjalan"));
      started = true;
      draft.change(day, data);
      if (done == 100) return day;
    }
    return kNoDay;
  }

  static std::string_view status_of(int progress, Day day, const Plan& plan) {
    if (progress == 100) return "selesai";
    return day > plan.from ? "berjalan" : "rencana";
  }

  Estate& estate_;
  Prng dice_;
};

// A policy of the whole regency: when it was issued, counted in days from the history's start.
struct Policy {
  std::string_view topic;
  std::string_view form;
  int issued;  // negative: before; kDraft: still a draft
  std::string_view base;
};
constexpr int kDraft = 100'000;
constexpr auto kPolicies = std::to_array<Policy>({
    {"arsitektur", "perbup", 250, "P95"},
    {"peta_rencana", "perbup", kDraft, "P95"},
    {"manajemen_data", "perbup", -400, "P39"},
    {"pembangunan_aplikasi", "perbup", 120, "KD6"},
    {"pusat_data", "pedoman", -300, "KI10"},
    {"jaringan_intra", "pedoman", -650, "PM59"},
    {"sistem_penghubung_layanan", "pedoman", 310, "KI1"},
    {"keamanan_informasi", "perbup", -500, "KI16"},
    {"audit_tik", "pedoman", kDraft, "B824"},
    {"tim_koordinasi", "keputusan_bupati", -60, "PM59"},
});
constexpr auto kOtherTopics = std::to_array<std::string_view>(
    {"satu_data", "pelindungan_data_pribadi", "manajemen_risiko", "keberlangsungan", "insiden"});

class Policies {
 public:
  explicit Policies(Estate& estate) : estate_(estate), dice_(estate.options.seed, "policies") {}

  void make() {
    int number = 0;
    for (const Policy& policy : kPolicies) make_policy(policy, number++);
    const std::vector<std::size_t> owners = estate_.by_weight(true);
    for (int i = number; i < estate_.sizes.documents; ++i) {
      make_procedure(owners[static_cast<std::size_t>(i) % owners.size()], i);
    }
  }

 private:
  Draft begin(std::size_t agency, const std::string& id, const std::string& name,
              std::string_view topic, std::string_view form) {
    Draft draft(estate_, dice_, "dokumen", agency, id);
    draft.describe(name, "").put("topik", text(topic)).put("bentuk", text(form));
    return draft;
  }

  void make_policy(const Policy& policy, int number) {
    Draft draft = begin(0, "kebijakan-" + std::string(policy.topic),
                        "Kebijakan " + std::string(policy.topic), policy.topic, policy.form);
    draft.on(workday_from(estate_.start + days(2 + number)));
    draft.put("dasar", texts({"P95", std::string(policy.base)}));
    if (policy.topic == "peta_rencana") {
      draft.put("muatan", texts({"tata_kelola", "manajemen", "layanan", "aplikasi"}));
      const std::vector<std::string> all(kProgrammes.begin(), kProgrammes.end());
      draft.change(estate_.start + days(200), Data().put("muatan", texts(all)));
    }
    const Day issued = estate_.start + days(std::min(policy.issued, 40'000));
    if (policy.issued < 0) {
      draft.put("status", text("ditetapkan")).put("ditetapkan_pada", date(issued));
      draft.put("nomor", text(number_of(number, issued)));
    } else {
      draft.put("status", text("konsep"));
      draft.change(issued, issue(issued, number));
    }
    if (policy.topic == "tim_koordinasi") renew_each_year(draft, issued);
    draft.finish();
  }

  static std::string number_of(int number, Day issued) {
    return std::to_string(20 + number) + " Tahun " + std::to_string(year_of(issued));
  }

  static Data issue(Day issued, int number) {
    Data data;
    data.put("status", text("ditetapkan")).put("ditetapkan_pada", date(issued));
    data.put("nomor", text(number_of(number, issued)));
    return data;
  }

  // A decree for the calendar year; the next one comes some weeks late.
  void renew_each_year(Draft& draft, Day issued) {
    int year = year_of(issued);
    const auto last_day = [](int of) { return Day(std::chrono::year(of) / 12 / 31); };
    draft.put("berlaku_sampai", date(last_day(year)));
    for (++year; last_day(year) - days(300) < estate_.end; ++year) {
      const Day day =
          workday_from(Day(std::chrono::year(year) / 1 / 1) + days(dice_.between(18, 60)));
      Data data;
      data.put("ditetapkan_pada", date(day)).put("berlaku_sampai", date(last_day(year)));
      draft.change(day, data);
    }
  }

  void make_procedure(std::size_t agency, int i) {
    const std::string_view topic = kOtherTopics[static_cast<std::size_t>(i) % kOtherTopics.size()];
    Draft draft =
        begin(agency, numbered("sop", i),
              "Prosedur " + std::string(topic) + " " + estate_.agencies[agency].name, topic, "sop");
    const Day issued = draft.day() - days(dice_.between(30, 600));
    draft.put("status", text("ditetapkan")).put("ditetapkan_pada", date(issued));
    draft.put("nomor", text(number_of(i, issued)));
    draft.put("dasar", texts({"P95", dice_.chance(120) ? "PM59" : "B421"}));
    draft.give("direviu_pada", date(draft.day() - days(dice_.between(5, 250))), 150);
    if (dice_.chance(700)) {
      const Day day = draft.later(60);
      draft.change(day, Data().put("direviu_pada", date(day)));
    }
    draft.finish();
  }

  Estate& estate_;
  Prng dice_;
};

}  // namespace

void make_roadmap(Estate& estate) { Roadmap(estate).make(); }
void make_policies(Estate& estate) { Policies(estate).make(); }

}  // namespace patuh::sample
