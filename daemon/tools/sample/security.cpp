// Assessments, audits, standards, findings and incidents.
#include <algorithm>

#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

constexpr int kExpiredAssessments = 100;  // permille at the end
constexpr int kYear = 365;

class Security {
 public:
  explicit Security(Estate& estate) : estate_(estate), dice_(estate.options.seed, "security") {}

  void make() {
    for (const Application& app : estate_.applications) {
      const bool needed = app.running && (app.open || app.personal);
      if (needed && dice_.chance(940)) assess(app);
    }
    audits();
    standards();
    infrastructure_audits();
    for (int i = 0; i < estate_.sizes.findings; ++i) make_finding(i);
    for (int i = 0; i < estate_.sizes.incidents; ++i) make_incident(i);
  }

 private:
  Draft begin(std::size_t agency, std::string id, const std::string& name, std::string_view kind,
              std::string_view reference) {
    Draft draft(estate_, dice_, "keamanan", agency, std::move(id));
    draft.from(estate_.shared.response).describe(name, reference).put("jenis", text(kind));
    ++made_;
    return draft;
  }

  // An ITSA a year; one in ten has run out at the end and nobody asked for the next one.
  void assess(const Application& app) {
    Draft draft = begin(app.agency, "itsa-" + app.id, "ITSA " + app.name, "identifikasi_kerentanan",
                        "RAK.02.02");
    draft.on(app.day + days(dice_.between(3, 20)));
    draft.put("metode", text("itsa")).put("aplikasi", texts({app.id}));
    draft.put("pelaksana", text(dice_.chance(700) ? "internal" : "bssn"));
    const bool expires = dice_.chance(kExpiredAssessments);
    const int room = std::max(1, std::min(days_between(draft.day(), estate_.end) - 30, 300));
    Day held = draft.day() - days(expires ? kYear - dice_.between(1, room) : dice_.between(5, 330));
    put_assessment(draft, held);
    while (!expires && held + days(kYear) < estate_.end + days(10)) {
      const Day next =
          workday_from(held + days(kYear + dice_.between(-30, dice_.chance(150) ? 12 : -8)));
      Data data;
      data.put("tanggal", date(next)).put("berlaku_sampai", date(next + days(kYear)));
      draft.change(next, data);
      held = next;
    }
    estate_.assessed.push_back(draft.finish());
  }

  void put_assessment(Draft& draft, Day held) {
    draft.put("tanggal", date(held)).put("berlaku_sampai", date(held + days(kYear)));
    draft.put("hasil", text("Temuan dicatat"));
  }

  // Inspektorat's audits cover several applications each; the plan works through them.
  void audits() {
    std::vector<std::string> running;
    for (const Application& app : estate_.applications) {
      if (app.running) running.push_back(app.id);
    }
    constexpr std::size_t kEach = 5;
    for (std::size_t from = 0; from < running.size(); from += kEach) {
      const std::size_t to = std::min(from + kEach, running.size());
      const std::vector<std::string> covered(running.begin() + static_cast<std::ptrdiff_t>(from),
                                             running.begin() + static_cast<std::ptrdiff_t>(to));
      if (dice_.chance(900)) audit(covered, "keamanan", from);
      if (dice_.chance(720)) audit(covered, "aplikasi", from);
    }
  }

  void audit(const std::vector<std::string>& covered, const std::string& kind, std::size_t from) {
    Draft draft =
        begin(estate_.agency_of("inspektorat"), numbered("audit-" + kind, static_cast<int>(from)),
              "Audit " + kind + " " + std::to_string(from / 5 + 1), "audit", "RAK.03.02");
    draft.on(draft.later(5));
    draft.put("jenis_audit", text(kind)).put("aplikasi", texts(covered));
    draft.put("tanggal", date(draft.day() - days(dice_.between(1, 300))));
    draft.put("pelaksana", text("internal")).put("hasil", text("Memadai dengan catatan"));
    draft.finish();
  }

  void standards() {
    const std::vector<std::size_t> owners = estate_.by_weight(true);
    // Each agency has one at least.
    const auto agencies = static_cast<int>(estate_.agencies.size());
    for (int i = 0; made_ < estate_.sizes.security || i < agencies; ++i) {
      const std::size_t agency = owners[static_cast<std::size_t>(i) % owners.size()];
      if (i % 3 == 2 && i >= agencies) {
        education(agency, i);
      } else {
        standard(agency, i);
      }
      if (i > 3 * static_cast<int>(owners.size())) return;
    }
  }

  void standard(std::size_t agency, int i) {
    Draft draft = begin(agency, numbered("standar", i),
                        "Prosedur keamanan informasi " + estate_.agencies[agency].name, "standar",
                        "RAK.01.01");
    const bool certified = agency == 0;
    draft.put("acuan", text(certified ? "SNI ISO/IEC 27001" : "Peraturan BSSN 4/2021"));
    draft.put("tanggal_mulai", date(draft.day() - days(dice_.between(100, 600))));
    const Day until = draft.day() + days(dice_.between(60, 900));
    draft.put("tanggal_akhir", date(until));
    if (certified) draft.put("aplikasi", texts(certified_applications()));
    if (dice_.chance(850)) {
      draft.change(until - days(dice_.between(-20, 60)),
                   Data().put("tanggal_akhir", date(until + days(730))));
    }
    draft.finish();
  }

  std::vector<std::string> certified_applications() {
    std::vector<std::string> out;
    for (const Application& app : estate_.applications) {
      if (app.running && dice_.chance(600)) out.push_back(app.id);
    }
    if (out.size() > 150) out.resize(150);
    return out;
  }

  void education(std::size_t agency, int i) {
    Draft draft =
        begin(agency, numbered("edukasi", i), "Edukasi keamanan " + estate_.agencies[agency].name,
              "edukasi", "RAK.02.01");
    draft.put("tanggal", date(draft.day() - days(dice_.between(1, 60)))).finish();
  }

  void infrastructure_audits() {
    std::vector<std::string> ids;
    for (const Machine& machine : estate_.machines) {
      const bool audited = machine.kind == "fasilitas_komputasi" ||
                           machine.kind == "jaringan_intra" ||
                           machine.kind == "sistem_penghubung_layanan";
      if (audited && ids.size() < 3) ids.push_back(machine.id);
    }
    Draft draft = begin(estate_.agency_of("inspektorat"), "audit-infrastruktur",
                        "Audit keamanan infrastruktur", "audit", "RAK.03.03");
    draft.put("jenis_audit", text("keamanan")).put("infrastruktur", texts(ids));
    draft.put("tanggal", date(draft.day() - days(90))).finish();
  }

  // Found when something was assessed; most are closed in their time.
  void make_finding(int i) {
    if (estate_.assessed.empty()) return;
    const Made& source = dice_.pick(estate_.assessed);
    Draft draft(estate_, dice_, "temuan", source.agency, numbered("temuan", i));
    draft.on(workday_from(
        source.day +
        days(dice_.between(1, std::max(2, days_between(source.day, estate_.end) - 2)))));
    draft.from(estate_.shared.response).describe("Temuan " + std::to_string(i), "");
    constexpr std::string_view kLevels[] = {"kritis", "tinggi", "sedang", "rendah"};
    constexpr int kTimes[] = {7, 30, 90, 180};
    const int dice = dice_.between(0, 99);
    const int level = dice < 6 ? 0 : dice < 28 ? 1 : dice < 70 ? 2 : 3;
    draft.put("tingkat", text(kLevels[level])).put("ditemukan_pada", date(draft.day()));
    draft.put("batas", date(draft.day() + days(kTimes[level])));
    draft.put("keamanan", text(source.id));
    draft.put("aplikasi", text(source.id.substr(std::string_view("itsa-").size())));
    const int slip =
        dice_.chance(130) ? dice_.between(1, 60) : -dice_.between(0, kTimes[level] - 1);
    const Day closed = workday_from(draft.day() + days(kTimes[level] + slip));
    if (dice_.chance(950)) draft.change(closed, Data().put("ditutup_pada", date(closed)));
    draft.finish();
  }

  void make_incident(int i) {
    const Application& app = dice_.pick(estate_.applications);
    const int room = days_between(app.day, estate_.end) - 8;
    if (room < 1) return;
    const Day day = app.day + days(dice_.between(1, room));
    const Instant seen = any_time(dice_, day);
    const std::string subject = "insiden/" + numbered("insiden", i);
    const auto send = [&](EventType type, Instant when, const Data& data) {
      estate_.timeline.add({when, type, estate_.shared.response, subject, data.json()});
    };
    const bool grave = dice_.chance(400);
    const bool leaked = app.personal && dice_.chance(250);
    Data data;
    data.put("nama", text("Insiden " + std::to_string(i) + " pada " + app.name));
    data.put("perangkat_daerah", text(estate_.agencies[app.agency].code));
    data.put("tingkat", text(grave ? "tinggi" : "sedang")).put("aplikasi", texts({app.id}));
    data.put("terdeteksi_pada", instant(seen)).put("data_pribadi_terungkap", flag(leaked));
    send(EventType::kUpsert, seen + std::chrono::minutes(dice_.between(5, 90)), data);
    const auto after = [&](int hours) { return seen + std::chrono::hours(hours); };
    const auto then = [&](std::string_view key, int hours) {
      send(EventType::kPatch, after(hours), Data().put(key, instant(after(hours))));
    };
    then("dilaporkan_pada", dice_.chance(850) ? dice_.between(4, 60) : dice_.between(75, 140));
    if (leaked) then("diberitahukan_pada", dice_.chance(700) ? 65 : 100);
    then("ditutup_pada", dice_.between(145, 190));
  }

  Estate& estate_;
  Prng dice_;
  int made_ = 0;
};

}  // namespace

void make_security(Estate& estate) { Security(estate).make(); }

}  // namespace patuh::sample
