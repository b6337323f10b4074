// What processes personal data, and how applications exchange data.
#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

class Exchanges {
 public:
  explicit Exchanges(Estate& estate) : estate_(estate), dice_(estate.options.seed, "exchanges") {}

  void make() {
    for (int i = 0; i < estate_.sizes.processing; ++i) make_processing(i);
    for (int i = 0; i < estate_.sizes.integrations; ++i) make_integration(i);
  }

 private:
  void make_processing(int i) {
    std::vector<const Application*> personal;
    for (const Application& app : estate_.applications) {
      if (app.personal && app.running) personal.push_back(&app);
    }
    if (personal.empty()) return;
    const Application& app = *personal[static_cast<std::size_t>(i) % personal.size()];
    Draft draft(estate_, dice_, "pemrosesan_data_pribadi", app.agency, numbered("proses-dp", i));
    draft.describe("Pemrosesan data pribadi " + app.name, "");
    draft.give("tujuan", text("Penyelenggaraan layanan"), 40);
    draft.give("dasar_pemrosesan", text("tugas_publik"), 50);
    draft.give("retensi_bulan", whole(dice_.between(12, 120)), 110);
    draft.give("aplikasi", text(app.id), 20);
    const bool risky = dice_.chance(200);
    if (risky) draft.put("risiko_tinggi", flag(true));
    if (risky || app.specific) {
      draft.give("dpia_nomor", text("DPIA-" + draft.id()), 130);
      draft.give("dpia_pada", date(draft.day() - days(dice_.between(10, 300))), 50);
    }
    if (dice_.chance(200)) {
      draft.put("prosesor", text("Penyedia awan"));
      draft.give("perjanjian_prosesor", text("PKS-" + draft.id()), 200);
    }
    draft.finish();
  }

  void make_integration(int i) {
    const Application& from = dice_.pick(estate_.applications);
    const Application& to = dice_.pick(estate_.applications);
    const bool both = from.running && to.running && from.id != to.id;
    if (!both || estate_.data.empty()) return;
    Draft draft(estate_, dice_, "integrasi", from.agency, numbered("integrasi", i));
    draft.describe(from.name + " ke " + to.name, "");
    constexpr std::string_view kMethods[] = {"splp",   "splp",         "splp",
                                             "splp",   "api_langsung", "api_langsung",
                                             "berkas", "manual",       "basis_data_langsung"};
    const std::string_view method = kMethods[dice_.below(9)];
    draft.put("metode", text(method)).put("status", text("aktif"));
    if (method != "splp" && dice_.chance(350)) {
      draft.change(draft.later(60), Data().put("metode", text("splp")));
    }
    draft.put("penyedia", text(from.id)).put("konsumen", text(to.id));
    draft.give("data", texts(shared_data()), 60);
    draft.give("dokumentasi_api", text("dokumen/" + draft.id()), 120);
    draft.give("perjanjian", text("PKS/" + std::to_string(dice_.between(10, 99))), 120);
    draft.put("perjanjian_sampai", date(draft.day() + days(dice_.between(200, 1000))));
    estate_.integrations.push_back(draft.finish());
  }

  // The shared data sets in turn, a few an integration, so that most are carried by one.
  std::vector<std::string> shared_data() {
    std::vector<std::string> out;
    const std::size_t count = estate_.data.size();
    for (std::size_t looked = 0; looked < count && out.size() < 4; ++looked) {
      const DataSet& set = estate_.data[next_shared_++ % count];
      if (set.shared) out.push_back(set.id);
    }
    return out;
  }

  Estate& estate_;
  Prng dice_;
  std::size_t next_shared_ = 0;
};

}  // namespace

void make_exchanges(Estate& estate) { Exchanges(estate).make(); }

}  // namespace patuh::sample
