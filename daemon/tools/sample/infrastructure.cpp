// Computing facilities, servers, clouds, networks and the software on servers.
#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

constexpr std::string_view kCentre = "fasilitas-pusat-data";
constexpr std::string_view kSecond = "fasilitas-pemulihan";
constexpr std::string_view kRoom = "fasilitas-ruang-server";  // an agency's own: not to be
constexpr std::string_view kOwner = "Pemerintah Kabupaten Lumajang";

class Infrastructure {
 public:
  explicit Infrastructure(Estate& estate)
      : estate_(estate), dice_(estate.options.seed, "infrastructure") {}

  void make() {
    make_facilities();
    make_backbone();
    for (int i = 0; i < estate_.sizes.software; ++i) make_software(i);
    for (int i = 0; i < estate_.sizes.servers; ++i) make_server(i);
    for (int i = 0; i < estate_.sizes.clouds; ++i) make_cloud(i);
    const std::vector<std::size_t> owners = estate_.by_weight(true);
    for (int i = 0; i < estate_.sizes.networks; ++i) {
      make_device(owners[static_cast<std::size_t>(i) % owners.size()], i);
    }
  }

 private:
  Draft begin(std::size_t agency, std::string id, std::string_view name, std::string_view kind,
              std::string_view reference) {
    Draft draft(estate_, dice_, "infrastruktur", agency, std::move(id));
    draft.describe(name, reference).put("jenis", text(kind));
    return draft;
  }

  void finish(Draft& draft, std::string_view kind) {
    Machine machine;
    static_cast<Made&>(machine) = draft.finish();
    machine.kind = kind;
    estate_.machines.push_back(std::move(machine));
  }

  void make_facilities() {
    facility(0, kCentre, "Pusat Data Kabupaten", "Tier 2");
    facility(0, kSecond, "Pusat Pemulihan Bencana", "Tier 1");
    facility(estate_.agency_of("dinkes"), kRoom, "Ruang server Dinas Kesehatan", "");
  }

  void facility(std::size_t agency, std::string_view id, std::string_view name,
                std::string_view tier) {
    Draft draft = begin(agency, std::string(id), name, "fasilitas_komputasi", "RAI.01.02");
    draft.on(workday_from(estate_.start));
    draft.put("lokasi", text("Lumajang")).put("kepemilikan", text("daerah"));
    draft.put("bandwidth_internet", text("1 Gbps"));
    draft.put("pengelola", text(estate_.agencies[agency].code));
    if (!tier.empty()) draft.put("klasifikasi_tier", text(tier));
    draft.give("sistem_pengamanan", text("Akses terbatas, CCTV, pemadam otomatis"), 100);
    finish(draft, "fasilitas_komputasi");
  }

  void make_backbone() {
    Draft network =
        begin(0, "jaringan-intra", "Jaringan Intra Kabupaten", "jaringan_intra", "RAI.02.01");
    network.put("status_kepemilikan", text("sewa")).put("nama_pemilik", text(kOwner));
    network.put("tipe_media", text("serat optik"));
    finish(network, "jaringan_intra");
    Draft bus = begin(0, "spl", "Sistem Penghubung Layanan Kabupaten", "sistem_penghubung_layanan",
                      "RAI.02.02");
    bus.put("nama_pemilik", text(kOwner));
    finish(bus, "sistem_penghubung_layanan");
  }

  void make_software(int i) {
    constexpr std::string_view kKinds[] = {"sistem_operasi", "sistem_basis_data",
                                           "sistem_utilitas"};
    const std::string_view kind = kKinds[i % 3];
    Draft draft =
        begin(0, numbered("lunak", i), "Perangkat lunak " + std::to_string(i), kind, "RAI.03.01");
    const bool free = dice_.chance(700);
    draft.put("jenis_lisensi", text(free ? "sumber_terbuka" : "berlangganan"));
    draft.give("nama_pemilik", text(kOwner), 60);
    draft.give("dukungan_sampai", date(estate_.end + days(dice_.between(-160, 1200))), 50);
    if (!free) licence(draft);
    finish(draft, kind);
  }

  void licence(Draft& draft) {
    const Day valid = draft.day() + days(dice_.between(30, 600));
    draft.put("validitas_lisensi", date(valid));
    if (dice_.chance(850)) {
      draft.change(valid + days(dice_.between(-20, 15)),
                   Data().put("validitas_lisensi", date(valid + days(365))));
    }
  }

  void make_server(int i) {
    const bool own_room = dice_.chance(60);
    const std::size_t agency = own_room ? estate_.agency_of("dinkes") : 0;
    Draft draft =
        begin(agency, numbered("srv", i), "Server " + std::to_string(i), "server", "RAI.03.01");
    draft.put("bentuk_server", text(dice_.chance(800) ? "virtual" : "fisik"));
    draft.give("jenis_penggunaan", text("aplikasi"), 50);
    draft.give("status_kepemilikan", text("milik_sendiri"), 60);
    draft.give("nama_pemilik", text(kOwner), 60);
    draft.put("kapasitas_memori", text(std::to_string(8 << dice_.between(0, 3)) + " GB"));
    draft.put("teknologi_prosesor", text("x86-64"));
    draft.put("kapasitas_penyimpanan", text(std::to_string(dice_.between(1, 8) * 100) + " GB"));
    draft.give("fasilitas", text(own_room ? kRoom : dice_.chance(900) ? kCentre : kSecond), 40);
    draft.put("jaringan", text("jaringan-intra"));
    draft.put("dukungan_sampai", date(estate_.end + days(dice_.between(-120, 1500))));
    if (estate_.sizes.software > 0) {
      draft.put("perangkat_lunak",
                texts({numbered("lunak", dice_.between(0, estate_.sizes.software - 1))}));
    }
    if (dice_.chance(300)) {
      draft.change(draft.later(30), Data().put("kapasitas_memori", text("64 GB")));
    }
    finish(draft, "server");
  }

  void make_cloud(int i) {
    const int kind = dice_.between(0, 99);
    const std::size_t agency = dice_.pick(estate_.by_weight(true));
    Draft draft = begin(agency, numbered("awan", i), "Layanan awan " + std::to_string(i),
                        "komputasi_awan", "RAI.03.02");
    const std::string_view type = kind < 40 ? "pdn" : kind < 55 ? "pemerintah" : "swasta";
    draft.put("tipe_government_cloud", text(type));
    draft.put("status_kepemilikan", text("sewa"));
    draft.give("nama_pemilik", text(kind < 40 ? "Pusat Data Nasional" : "Penyedia awan"), 60);
    if (kind >= 55) {
      draft.put("negara", text(dice_.chance(900) ? "ID" : "SG"));
      if (dice_.chance(800)) draft.put("penyedia_terdaftar", flag(true));
      draft.put("kontrak_sampai", date(estate_.end + days(dice_.between(-200, 300))));
    }
    finish(draft, "komputasi_awan");
  }

  void make_device(std::size_t agency, int i) {
    const bool guard = dice_.chance(250);
    const std::string_view kind = guard ? "perangkat_keamanan" : "perangkat_jaringan";
    Draft draft = begin(agency, numbered("jar", i),
                        (guard ? "Dinding api " : "Perute ") + estate_.agencies[agency].name, kind,
                        "RAI.02.01");
    if (dice_.chance(200)) {
      draft.put("kondisi", text("to_be")).put("status_to_be", text("upgrade"));
      estate_.targets.push_back(
          {"infrastruktur/" + draft.id(), estate_.agencies[agency].source, ""});
    }
    draft.give("tipe", text(guard ? "firewall" : "router"), 50);
    draft.give("status_kepemilikan", text("milik_sendiri"), 60);
    draft.give("nama_pemilik", text(kOwner), 60);
    finish(draft, kind);
  }

  Estate& estate_;
  Prng dice_;
};

}  // namespace

void make_infrastructure(Estate& estate) { Infrastructure(estate).make(); }

}  // namespace patuh::sample
