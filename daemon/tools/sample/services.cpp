// Services, their surveys and their risks.
#include "tools/sample/draft.h"
#include "tools/sample/references.h"

namespace patuh::sample {
namespace {

const std::vector<std::string_view> kOpenPatterns = {"Layanan", "Permohonan", "Informasi",
                                                     "Pendaftaran"};
const std::vector<std::string_view> kInnerPatterns = {"Administrasi", "Pengesahan", "Dukungan",
                                                      "Pemantauan"};

class Services {
 public:
  explicit Services(Estate& estate) : estate_(estate), dice_(estate.options.seed, "services") {}

  void make() {
    const std::vector<std::size_t> owners = estate_.by_weight(false);
    std::vector<int> made(estate_.agencies.size());
    for (int i = 0; i < estate_.sizes.services; ++i) {
      const std::size_t agency = owners[static_cast<std::size_t>(i) % owners.size()];
      make_one(agency, made[agency]++);
    }
    for (int i = 0; i < estate_.sizes.risks; ++i) make_risk(i);
  }

 private:
  void make_one(std::size_t agency, int n) {
    const Agency& owner = estate_.agencies[agency];
    Draft draft(estate_, dice_, "layanan", agency, numbered(owner.code + "-lay", n));
    Service service;
    service.open = dice_.chance(600);
    const auto& patterns = service.open ? kOpenPatterns : kInnerPatterns;
    draft.describe(named(owner, patterns, n), reference(service.open, owner));
    draft.put("jenis", text(service.open ? "publik" : "administrasi_pemerintahan"));
    const bool active = describe_state(draft, service);
    describe_purpose(draft, owner);
    touch(draft);
    relate(draft, agency);
    if (service.open && active) describe_public(draft, service.online);
    if (service.open) surveys(draft);
    static_cast<Made&>(service) = draft.finish();
    estate_.services.push_back(std::move(service));
  }

  std::string reference(bool open, const Agency& owner) {
    const int sum = owner.affair[1] * 7 + owner.affair[4];
    const int area = open ? sum % public_service_areas() + 1 : sum % 9 + 1;
    return std::string(open ? "RAL.01." : "RAL.02.") + (area < 10 ? "0" : "") +
           std::to_string(area);
  }

  bool describe_state(Draft& draft, Service& service) {
    const int state = dice_.between(0, 99);
    const bool active = state < 92;
    draft.put("status", text(active ? "aktif" : state < 97 ? "rencana" : "dihentikan"));
    if (state >= 92 && state < 97) {
      draft.put("kondisi", text("to_be")).put("status_to_be", text("new"));
      estate_.targets.push_back(
          {"layanan/" + draft.id(), estate_.agencies[draft.agency()].source, "aktif"});
    }
    const int way = dice_.between(0, 99);
    const std::string_view method = way < 40 ? "daring" : way < 65 ? "hibrida" : "luring";
    draft.give("metode_layanan", text(method), 15);
    service.online = active && way < 65;
    if (dice_.chance(250)) {
      draft.put("menerbitkan_dokumen", flag(true)).grow("tte", 650);
    }
    return active;
  }

  void describe_purpose(Draft& draft, const Agency& owner) {
    draft.give("tujuan", text("Memberikan pelayanan yang cepat dan pasti"));
    draft.give("fungsi", text("Menerima, memeriksa dan menyelesaikan permohonan"));
    draft.give("urusan", text(owner.affair), 25);
    draft.give("target_layanan", text("Masyarakat dan perangkat daerah"));
    draft.give("unit_pelaksana", text(owner.code), 25);
    const int faults = 60;
    draft.give("potensi_manfaat", text("Waktu dan biaya pengguna berkurang"), faults);
    draft.give("potensi_ekonomi", text("Efisiensi belanja operasional"), faults);
    draft.give("potensi_risiko", text("Gangguan layanan"), faults);
    draft.give("mitigasi_risiko", text("Prosedur cadangan dan pemulihan"), faults);
  }

  void touch(Draft& draft) {
    for (int i = dice_.between(1, 3); i > 0; --i) {
      const Json target = text(std::to_string(dice_.between(1, 40) * 100) + " pemohon setahun");
      draft.change(draft.later(20), Data().put("target_layanan", target));
    }
  }

  void relate(Draft& draft, std::size_t agency) {
    const Made* process = pick_of_agency(dice_, estate_.processes, agency);
    if (process == nullptr) return;
    std::vector<std::string> ids = {process->id};
    const Made* other = pick_of_agency(dice_, estate_.processes, agency);
    if (other->id != process->id && dice_.chance(700)) ids.push_back(other->id);
    draft.give("proses_bisnis", texts(ids), kOrphans);
  }

  void describe_public(Draft& draft, bool online) {
    draft.grow("terhubung_lapor", 800);
    if (!online) return;
    draft.give("sla", text(std::to_string(dice_.between(1, 14)) + " hari kerja"), 90);
    draft.give("kanal_bantuan", texts({"telepon", "surel", "loket"}), 90);
    draft.grow("tiket", 700).grow("umpan_balik", 720).grow("di_portal", 800);
    draft.give("aksesibilitas_diuji_pada", date(draft.day() - days(dice_.between(5, 300))), 180);
    if (dice_.chance(150)) {
      draft.put("indikator_layanan", whole(dice_.between(32, 47)));
      draft.put("kapabilitas", whole(dice_.between(2, 4)));
      draft.put("kapabilitas_pada", date(draft.day() - days(dice_.between(1, 120))));
    }
  }

  // One a year; most are followed up in time.
  void surveys(Draft& draft) {
    Day held = draft.day() - days(dice_.between(20, 330));
    draft.put("survei_pada", date(held)).put("nilai_survei", tenths(dice_.between(735, 930)));
    draft.put("tindak_lanjut_survei_pada", date(held + days(dice_.between(10, 19))));
    while (dice_.chance(900)) {
      held = workday_from(held + days(dice_.between(330, 375)));
      if (held >= estate_.end) return;
      if (held <= draft.day()) continue;
      Data data;
      data.put("survei_pada", date(held)).put("nilai_survei", tenths(dice_.between(740, 940)));
      draft.change(held, data);
      if (!dice_.chance(880)) continue;
      const Day done = workday_from(held + days(dice_.between(20, 100)));
      draft.change(done, Data().put("tindak_lanjut_survei_pada", date(done)));
    }
  }

  void make_risk(int i) {
    const Service& service =
        estate_.services[static_cast<std::size_t>(i) % estate_.services.size()];
    const std::size_t agency = service.agency;
    Draft draft(estate_, dice_, "risiko", agency, numbered("risiko", i));
    draft.describe("Risiko gangguan " + service.name, "");
    draft.put("layanan", text(service.id)).put("kategori", text("operasional"));
    const int likely = dice_.between(1, 5);
    const int impact = dice_.between(1, 5);
    draft.put("kemungkinan", whole(likely)).put("dampak", whole(impact));
    draft.put("besaran", whole(likely * impact)).put("keputusan", text("mitigasi"));
    draft.give("penanganan", text("Pemantauan berkala dan cadangan layanan"));
    const Day first = draft.day() - days(dice_.between(5, 250));
    draft.put("ditinjau_pada", date(first));
    if (dice_.chance(820)) {
      const Day again = workday_from(first + days(dice_.between(300, 385)));
      draft.change(again, Data().put("ditinjau_pada", date(again)));
    }
    draft.finish();
  }

  Estate& estate_;
  Prng dice_;
};

}  // namespace

void make_services(Estate& estate) { Services(estate).make(); }

}  // namespace patuh::sample
