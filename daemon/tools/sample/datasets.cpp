// Data and information.
#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

const std::vector<std::string_view> kPatterns = {"Data",
                                                 "Rekapitulasi",
                                                 "Data bulanan",
                                                 "Data triwulan",
                                                 "Indikator",
                                                 "Peta",
                                                 "Daftar",
                                                 "Data menurut kecamatan",
                                                 "Data menurut desa",
                                                 "Riwayat",
                                                 "Realisasi",
                                                 "Anggaran",
                                                 "Sarana",
                                                 "Petugas",
                                                 "Capaian",
                                                 "Kebutuhan",
                                                 "Data tahunan",
                                                 "Statistik",
                                                 "Sebaran",
                                                 "Basis"};
constexpr int kTwoProducers = 18;  // permille of the data sets that another agency also makes

constexpr int kWanted = 45;  // permille that are still to be built

class DataSets {
 public:
  explicit DataSets(Estate& estate) : estate_(estate), dice_(estate.options.seed, "data") {}

  void make() {
    const std::vector<std::size_t> owners = estate_.by_weight(true);
    std::vector<int> made(estate_.agencies.size());
    for (int i = 0; i < estate_.sizes.data; ++i) {
      const std::size_t agency = owners[static_cast<std::size_t>(i) % owners.size()];
      make_one(agency, made[agency]++);
    }
  }

 private:
  void make_one(std::size_t agency, int n) {
    const Agency& owner = estate_.agencies[agency];
    Draft draft(estate_, dice_, "data_informasi", agency, numbered(owner.code + "-dat", n));
    draft.describe(named(owner, kPatterns, n), "RAD." + owner.affair);
    DataSet set;
    set.personal = personal();
    kind_ = dice_.between(0, 99);
    set.shared = dice_.chance(is_spatial() ? 760 : 230);
    draft.give("tujuan", text("Mendukung layanan dan perencanaan"));
    draft.give("produsen_data", text(owner.code), 40);
    draft.give("walidata", text(estate_.agencies[0].code), 60);
    describe_access(draft, set);
    describe_kind(draft);
    describe_sharing(draft, set, n);
    relate(draft, agency);
    if (dice_.chance(kWanted)) want(draft);
    updates(draft);
    static_cast<Made&>(set) = draft.finish();
    estate_.data.push_back(std::move(set));
  }

  void want(Draft& draft) {
    draft.put("kondisi", text("to_be")).put("status_to_be", text("new"));
    estate_.targets.push_back(
        {"data_informasi/" + draft.id(), estate_.agencies[draft.agency()].source, ""});
  }

  std::string personal() {
    const int kind = dice_.between(0, 99);
    return kind < 75 ? "tidak" : kind < 93 ? "umum" : "spesifik";
  }

  void describe_access(Draft& draft, const DataSet& set) {
    draft.put("data_pribadi", text(set.personal));
    const bool closed = set.personal != "tidak";
    // A few stand open though they should not.
    if (closed && dice_.chance(30)) {
      draft.put("sifat_data", text("terbuka"));
      const Data mended = Data().put("sifat_data", text("terbatas"));
      if (dice_.chance(500)) draft.change(draft.later(15), mended);
      return;
    }
    const bool open = !closed && dice_.chance(450);
    draft.give("sifat_data", text(open ? "terbuka" : closed ? "terbatas" : "rahasia"), 25);
    if (open) draft.grow("dipublikasikan", 700);
    const bool verified = dice_.chance(860);
    draft.give("validitas_data", text(verified ? "terverifikasi" : "belum_terverifikasi"), 30);
    if (!verified && dice_.chance(500)) {
      draft.change(draft.later(30), Data().put("validitas_data", text("terverifikasi")));
    }
  }

  void describe_kind(Draft& draft) {
    const bool statistics = kind_ < 45;
    const std::string_view name = statistics     ? "statistik"
                                  : is_spatial() ? "geospasial"
                                  : kind_ < 70   ? "keuangan"
                                                 : "lainnya";
    draft.give("jenis_data", text(name), 20);
    draft.give("metadata", text("metadata/" + draft.id()), 130);
    if (!statistics) return;
    draft.give("konsep", text("Jumlah kejadian menurut wilayah"));
    draft.give("definisi", text("Banyaknya kejadian dalam kurun waktu"));
    draft.give("klasifikasi", text("Wilayah administrasi"));
    draft.give("ukuran", text("Jumlah"), 30).give("satuan", text("Unit"), 30);
    const bool survey = dice_.chance(150);
    draft.put("cara_pengumpulan", text(survey ? "survei" : "kompilasi_administrasi"));
    if (survey) draft.give("rekomendasi_bps", text("REK-" + draft.id()), 300);
  }

  void describe_sharing(Draft& draft, const DataSet& set, int n) {
    draft.give("interoperabilitas", flag(set.shared), 30);
    if (!set.shared) return;
    const std::string own = "KR-" + draft.id();
    // Some of what is shared is made twice: the same code, two producers.
    if (dice_.chance(kTwoProducers * 4)) {
      draft.put("kode_referensi", text("KR-" + std::to_string(n % 4)));
    } else {
      draft.give("kode_referensi", text(own), 90);
    }
  }

  void relate(Draft& draft, std::size_t agency) {
    if (dice_.chance(kOrphans)) return;
    if (const Made* process = pick_of_agency(dice_, estate_.processes, agency)) {
      draft.give("proses_bisnis", texts({process->id}), 30);
    }
    if (const Service* service = pick_of_agency(dice_, estate_.services, agency)) {
      draft.give("layanan", texts({service->id}), 200);
    }
  }

  // On time, mostly; some stop.
  void updates(Draft& draft) {
    constexpr int kIntervals[] = {30, 30, 90, 90, 365};
    const int interval = kIntervals[dice_.below(5)];
    draft.put("frekuensi_hari", whole(interval));
    Day last = draft.day() - days(dice_.between(1, interval / 2));
    draft.put("dimutakhirkan_pada", date(last));
    while (dice_.chance(interval == 30 ? 985 : 950)) {
      last = workday_from(last + days(interval + dice_.between(-4, dice_.chance(80) ? 25 : 5)));
      if (last >= estate_.end) return;
      draft.change(last, Data().put("dimutakhirkan_pada", date(last)));
    }
  }

  bool is_spatial() const { return kind_ >= 45 && kind_ < 56; }

  Estate& estate_;
  Prng dice_;
  int kind_ = 0;  // of the one being made, percent
};

}  // namespace

void make_data(Estate& estate) { DataSets(estate).make(); }

}  // namespace patuh::sample
