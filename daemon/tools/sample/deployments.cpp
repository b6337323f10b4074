// Deployments: of registered applications, of applications without a recommendation, of some that
// nobody knows.
#include "tools/sample/deployments.h"

#include <algorithm>

#include "tools/sample/draft.h"

namespace patuh::sample {

std::string Deployment::subject() const { return "penerapan/" + application + "@" + environment; }

Data Deployment::data() const {
  Data values;
  values.put("aplikasi", text(application)).put("lingkungan", text(environment));
  values.put("id_penerapan", text(id)).put("versi", text(version));
  values.put("diterapkan_pada", instant(at)).put("alat", text("jalur-penerapan"));
  values.put("nomor_perubahan", text("PRB-" + id));
  Data data;
  data.put("element", text(subject())).put("values", {values.json()});
  return data;
}

namespace {

constexpr int kUnknown = 8;  // applications that were deployed and never registered before
constexpr int kRegisteredLater = 700;  // permille of them

class Deployments {
 public:
  explicit Deployments(Estate& estate)
      : estate_(estate), dice_(estate.options.seed, "deployments") {}

  void make() {
    for (const Application& app : estate_.applications) {
      if (app.is_local_and_running()) make_series(app);
    }
    const int span = days_between(estate_.start, estate_.end);
    for (int i = 0; i < kUnknown && span > 60; ++i) {
      make_unknown(i, estate_.start + days(dice_.between(30, span - 12)));
    }
  }

 private:
  void deploy(std::string_view app, std::string_view environment, Day day, int minor) {
    if (day >= estate_.end) return;
    Deployment made{.application = std::string(app),
                    .environment = std::string(environment),
                    .id = numbered("dpl", ++count_),
                    .version = "2." + std::to_string(minor),
                    .at = in_office(dice_, day)};
    estate_.timeline.add({made.at, EventType::kDeployment, estate_.shared.deployer, made.subject(),
                          made.data().json()});
  }

  // Tried out first, then to production; one silo is deployed once more after it was given up.
  void make_series(const Application& app) {
    int minor = dice_.between(1, 6);
    Day day = app.day + days(dice_.between(15, 60));
    while (day < std::min(estate_.end, app.retired)) {
      if (dice_.chance(400)) deploy(app.id, "uji", day - days(dice_.between(2, 6)), minor);
      deploy(app.id, "produksi", day, minor++);
      // Without a recommendation nobody holds the next one back either.
      const int wait = app.recommended ? dice_.between(35, 130) : dice_.between(5, 120);
      day += days(wait);
    }
    if (app.retired != kNoDay) deploy(app.id, "produksi", app.retired + days(9), minor);
  }

  void make_unknown(int i, Day day) {
    const std::string app = numbered("aplikasi-tak-terdaftar", i + 1);
    deploy(app, "produksi", day, 0);
    if (i % 3 == 0) deploy(app, "produksi", day + days(1), 1);  // two bad ones in a row
    if (!dice_.chance(kRegisteredLater)) return;
    const Day mended = workday_from(day + days(dice_.between(3, 25)));
    estate_.timeline.add({in_office(dice_, mended), EventType::kUpsert, estate_.agencies[0].source,
                          "aplikasi/" + app, registration(app, mended).json()});
  }

  Data registration(const std::string& app, Day day) {
    Data data;
    data.put("nama", text("Aplikasi " + app))
        .put("perangkat_daerah", text(estate_.agencies[0].code));
    data.put("kondisi", text("as_is")).put("status", text("operasional"));
    data.put("pemilik", text("daerah")).put("jenis", text("khusus"));
    data.put("referensi", text("RAA.02.02")).put("fungsi", text("Layanan internal"));
    data.put("luaran", text("Laporan")).put("basis_aplikasi", texts({"web"}));
    data.put("tipe_lisensi", text("sumber_terbuka")).put("basis_data", text("PostgreSQL"));
    data.put("mulai_dibangun_pada", date(day - days(200)));
    data.put("rekomendasi_pada", date(day - days(201)));
    data.put("nomor_rekomendasi", text("REK-TIK/SUSULAN"));
    return data;
  }

  Estate& estate_;
  Prng dice_;
  int count_ = 0;
};

}  // namespace

void make_deployments(Estate& estate) { Deployments(estate).make(); }

}  // namespace patuh::sample
