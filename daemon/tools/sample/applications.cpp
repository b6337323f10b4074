// Applications.
#include <algorithm>

#include "tools/sample/draft.h"
#include "tools/sample/places.h"

namespace patuh::sample {
namespace {

constexpr int kMinistryShare = 25;  // percent of those that are not known by name
constexpr int kWithoutRecommendation = 75;

class Applications {
 public:
  explicit Applications(Estate& estate)
      : estate_(estate), dice_(estate.options.seed, "applications") {}

  void make() {
    share_services();
    const auto wanted = static_cast<std::size_t>(estate_.sizes.applications);
    for (const KnownApplication* known : known_in_turn()) {
      if (estate_.applications.size() < wanted) make_known(*known);
    }
    const std::vector<std::size_t> owners = estate_.by_weight(true);
    std::vector<int> made(estate_.agencies.size());
    for (std::size_t i = 0; estate_.applications.size() < wanted; ++i) {
      const std::size_t agency = owners[i % owners.size()];
      make_other(agency, made[agency]++);
    }
    retire_silos();
  }

 private:
  // Two local ones, then one of the state's, so that a small sample has some of each.
  static std::vector<const KnownApplication*> known_in_turn() {
    std::vector<const KnownApplication*> local;
    std::vector<const KnownApplication*> others;
    for (const KnownApplication& known : known_applications()) {
      (known.owner == Owner::kLocal ? local : others).push_back(&known);
    }
    std::vector<const KnownApplication*> out;
    for (std::size_t l = 0, o = 0; l < local.size() || o < others.size();) {
      for (int two = 0; two < 2 && l < local.size(); ++two) out.push_back(local[l++]);
      if (o < others.size()) out.push_back(others[o++]);
    }
    return out;
  }

  // Online services, by agency, waiting for an application that carries them.
  void share_services() {
    waiting_.resize(estate_.agencies.size());
    for (const Service& service : estate_.services) {
      if (service.online) waiting_[service.agency].push_back(service.id);
    }
  }

  std::vector<std::string> take_services(std::size_t agency) {
    std::vector<std::string> out;
    std::vector<std::string>& waiting = waiting_[agency];
    for (int n = dice_.between(2, 4); n > 0 && !waiting.empty(); --n) {
      out.push_back(std::move(waiting.back()));
      waiting.pop_back();
    }
    if (out.empty()) {
      if (const Service* any = pick_of_agency(dice_, estate_.services, agency)) {
        out.push_back(any->id);
      }
    }
    return out;
  }

  void make_known(const KnownApplication& known) {
    Application app;
    app.owner = known.owner;
    app.open = known.open;
    app.personal = known.personal;
    Draft draft(estate_, dice_, "aplikasi", estate_.agency_of(known.agency), std::string(known.id));
    draft.describe(known.name, reference(known.owner, known.open));
    draft.put("kode_fungsi", text(known.function));
    if (!known.area.empty()) draft.put("bidang_umum", text(known.area));
    draft.put("status", text("operasional"));
    finish(draft, app);
  }

  void make_other(std::size_t agency, int n) {
    const Agency& owner = estate_.agencies[agency];
    const bool ministry = dice_.between(0, 99) < kMinistryShare;
    Application app;
    app.owner = ministry ? Owner::kMinistry : Owner::kLocal;
    app.open = dice_.chance(380);
    app.personal = dice_.chance(450);
    const std::string name =
        named(owner, {ministry ? "Pelaporan kementerian" : "Sistem informasi", "Aplikasi"}, n);
    Draft draft(estate_, dice_, "aplikasi", agency, slug(name) + "-" + owner.code);
    draft.describe(name, reference(app.owner, app.open));
    draft.put("kode_fungsi", text("F-" + slug(name) + "-" + owner.code));
    describe_state(draft, app);
    finish(draft, app);
  }

  std::string reference(Owner owner, bool open) {
    if (owner != Owner::kNational) return "RAA.02.02";
    return open ? "RAA.01.01" : "RAA.01.02";
  }

  void describe_state(Draft& draft, Application& app) {
    const int state = dice_.between(0, 99);
    app.running = state < 88;
    draft.put("status", text(app.running  ? "operasional"
                             : state < 92 ? "pembangunan"
                             : state < 96 ? "rencana"
                                          : "dihentikan"));
    if (state < 88 || state >= 96) return;
    draft.put("kondisi", text("to_be")).put("status_to_be", text("new"));
    estate_.targets.push_back(
        {"aplikasi/" + draft.id(), estate_.agencies[draft.agency()].source, "uji_coba"});
  }

  void finish(Draft& draft, Application& app) {
    constexpr std::string_view kOwners[] = {"nasional", "kementerian_lembaga", "daerah"};
    draft.put("pemilik", text(kOwners[static_cast<int>(app.owner)]));
    draft.put("jenis", text(app.owner == Owner::kNational ? "umum" : "khusus"));
    if (app.open) draft.put("akses_publik", flag(true));
    if (app.personal) draft.put("data_pribadi", flag(true));
    const bool grave = describe_build(draft);
    relate(draft, app);
    protect(draft, app, grave);
    if (app.owner == Owner::kLocal) describe_local(draft, app);
    static_cast<Made&>(app) = draft.finish();
    estate_.applications.push_back(std::move(app));
  }

  // Answers whether its category is high.
  bool describe_build(Draft& draft) {
    draft.give("fungsi", text("Mencatat, memproses dan melaporkan"), 30);
    draft.give("luaran", text("Laporan dan dokumen layanan"), 60);
    draft.give("basis_aplikasi", texts({dice_.chance(850) ? "web" : "mobile"}), 30);
    draft.give("tipe_lisensi", text(dice_.chance(720) ? "sumber_terbuka" : "tertutup"), 40);
    constexpr std::string_view kDatabases[] = {"PostgreSQL", "MariaDB", "MySQL", "SQL Server"};
    draft.give("basis_data", text(kDatabases[dice_.below(4)]), 50);
    constexpr std::string_view kCategories[] = {"rendah", "rendah", "rendah", "tinggi",
                                                "strategis"};
    const std::string_view category = kCategories[dice_.below(5)];
    draft.give("kategori_se", text(category), 140);
    for (int i = dice_.between(1, 4); i > 0; --i) {
      draft.change(draft.later(20), Data().put("versi", text("2." + std::to_string(9 - i))));
    }
    return category != "rendah";
  }

  void relate(Draft& draft, Application& app) {
    const std::vector<std::string> services = take_services(draft.agency());
    if (app.running && !services.empty()) draft.give("layanan", texts(services), kOrphans);
    const DataSet* set = pick_of_agency(dice_, estate_.data, draft.agency());
    if (set == nullptr) return;
    draft.give("data", texts({set->id}), 110);
    if (set->personal == "tidak") return;
    // Mostly the flag follows the data.
    if (!dice_.chance(930)) return;
    app.personal = true;
    draft.put("data_pribadi", flag(true));
    if (set->personal == "spesifik" && dice_.chance(900)) {
      app.specific = true;
      draft.put("data_pribadi_spesifik", flag(true)).grow("enkripsi_simpan", 700);
    }
  }

  void protect(Draft& draft, const Application& app, bool grave) {
    if (app.personal || grave) draft.grow("cadangan_luar_lokasi", 800).grow("mfa_admin", 800);
    if (app.open && app.personal) {
      draft.give("pemberitahuan_privasi", text("https://lumajangkab.go.id/privasi"), 220);
    }
  }

  void describe_local(Draft& draft, Application& app) {
    const Day built = draft.day() - days(dice_.between(400, 2500));
    draft.put("mulai_dibangun_pada", date(built));
    draft.put("operasional_sejak", date(built + days(dice_.between(120, 330))));
    app.recommended = !dice_.chance(kWithoutRecommendation);
    if (app.recommended) {
      draft.put("nomor_rekomendasi", text("REK-TIK/" + std::to_string(dice_.between(100, 999))));
      draft.put("rekomendasi_pada", date(built - days(dice_.between(10, 90))));
    }
    const bool bought = dice_.chance(450);
    draft.put("pengembang", text(bought ? "pihak_ketiga" : "internal"));
    if (bought) support(draft);
    draft.give("kode_sumber", text(dice_.chance(880) ? "dimiliki" : "tidak_dimiliki"), 50);
    draft.give("repositori", text("repositori/" + draft.id()), 170);
    draft.give("dokumentasi", texts({"kebutuhan", "rancangan", "uji", "manual"}), 160);
    register_operator(draft);
    describe_hosting(draft, app);
    drills(draft);
  }

  void support(Draft& draft) {
    const Day valid = draft.day() + days(dice_.between(60, 700));
    draft.put("dukungan_sampai", date(valid));
    if (dice_.chance(820)) {
      draft.change(valid - days(dice_.between(-10, 75)),
                   Data().put("dukungan_sampai", date(valid + days(365))));
    }
  }

  // The campaign before the duty of March 2026, and the stragglers.
  void register_operator(Draft& draft) {
    const Json number = text("PSE-" + std::to_string(dice_.between(10'000, 99'999)));
    if (dice_.chance(350)) {
      draft.put("nomor_pse", number);
    } else if (dice_.chance(820)) {
      draft.change(draft.later(25), Data().put("nomor_pse", number));
    }
  }

  void describe_hosting(Draft& draft, Application& app) {
    const bool abroad = abroad_ < 3 && app.open && app.running;
    if (abroad) ++abroad_;
    draft.put("lokasi_data", text(abroad ? "luar_negeri" : "indonesia"));
    std::vector<const Machine*> hosts;
    for (const Machine& machine : estate_.machines) {
      if (machine.kind == "server" || machine.kind == "komputasi_awan") hosts.push_back(&machine);
    }
    std::vector<std::string> ids = {dice_.pick(hosts)->id};
    if (dice_.chance(300)) ids.push_back(dice_.pick(hosts)->id);
    if (ids.size() == 2 && ids[0] == ids[1]) ids.pop_back();
    draft.give("infrastruktur", texts(ids), 90);
  }

  void drills(Draft& draft) {
    Day held = draft.day() - days(dice_.between(10, 340));
    draft.give("uji_pulih_pada", date(held), 200);
    while (dice_.chance(850)) {
      held = workday_from(held + days(dice_.between(320, 380)));
      if (held >= estate_.end) return;
      draft.change(held, Data().put("uji_pulih_pada", date(held)));
    }
  }

  // Two silos are given up on the way; in one case somebody forgets what pointed at it.
  void retire_silos() {
    int left = 2;
    for (Application& app : estate_.applications) {
      if (left == 0) return;
      const bool silo = app.id.starts_with("sistem-informasi") && app.is_local_and_running();
      if (!silo || estate_.end - app.day < days(120)) continue;
      app.retired = app.day + days(days_between(app.day, estate_.end) / (left + 1));
      estate_.timeline.add({in_office(dice_, app.retired), EventType::kPatch,
                            estate_.agencies[app.agency].source, "aplikasi/" + app.id,
                            Data().put("status", text("dihentikan")).json()});
      --left;
    }
  }

  Estate& estate_;
  Prng dice_;
  std::vector<std::vector<std::string>> waiting_;
  int abroad_ = 0;
};

}  // namespace

void make_applications(Estate& estate) { Applications(estate).make(); }

}  // namespace patuh::sample
