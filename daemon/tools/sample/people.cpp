// Sources, reference codes, agencies and their PICs.
#include <algorithm>

#include "tools/sample/draft.h"
#include "tools/sample/places.h"
#include "tools/sample/references.h"

namespace patuh::sample {
namespace {

constexpr std::string_view kHost = ".lumajangkab.go.id";
constexpr int kSilentPics = 100;  // permille that fall silent for good
constexpr int kUsualHours = 168;  // a source is heard once a week at least

Agency agency_of(const Place& place) {
  Agency out{.code = std::string(place.code),
             .name = std::string(place.name),
             .kind = std::string(place.kind),
             .parent = {},
             .affair = std::string(place.affair),
             .topics = {},
             .weight = place.weight,
             .pics = {}};
  for (const std::string_view topic : place.topics) out.topics.emplace_back(topic);
  return out;
}

Agency district(std::string_view name) {
  Agency out{.code = "kec-" + slug(name),
             .name = "Kecamatan " + std::string(name),
             .kind = "kecamatan",
             .parent = {},
             .affair = "09.01",
             .topics = {},
             .pics = {}};
  for (const std::string_view topic : district_topics()) {
    out.topics.push_back(std::string(topic) + " Kecamatan " + std::string(name));
  }
  return out;
}

// Beyond the agencies of the regency: health centres of the districts.
Agency sub_unit(int number) {
  const std::string digits = std::to_string(number);
  Agency out{.code = "puskesmas-" + digits,
             .name = "Puskesmas " + digits,
             .kind = "puskesmas",
             .parent = "dinkes",
             .affair = "04.01",
             .topics = {},
             .pics = {}};
  for (const std::string_view topic : {"pendaftaran pasien", "rawat jalan", "posyandu", "obat"}) {
    out.topics.push_back(std::string(topic) + " Puskesmas " + digits);
  }
  return out;
}

std::vector<Agency> list_agencies(int count) {
  std::vector<Agency> out;
  for (const Place& place : places()) out.push_back(agency_of(place));
  for (const std::string_view name : districts()) out.push_back(district(name));
  for (int i = 1; static_cast<int>(out.size()) < count; ++i) out.push_back(sub_unit(i));
  out.resize(static_cast<std::size_t>(count));
  return out;
}

class People {
 public:
  explicit People(Estate& estate) : estate_(estate), dice_(estate.options.seed, "people") {}

  void make() {
    make_shared_sources();
    make_references();
    make_agencies();
    make_pics();
    describe_shared_sources();
    silence_sources();
  }

 private:
  std::uint32_t shared(std::string_view host, std::string_view system) {
    return estate_.timeline.add_source(
        {"//" + std::string(host) + std::string(kHost) + "/" + std::string(system)});
  }

  void make_shared_sources() {
    estate_.shared = {.registry = shared("spbe", "registri"),
                      .deployer = shared("ci", "penerapan"),
                      .monitor = shared("pemantauan", "telemetri"),
                      .portal = shared("spbe", "sia-spbe"),
                      .response = shared("csirt", "keamanan"),
                      .registrar = shared("domain", "registrar")};
  }

  void send(EventType type, Instant at, std::string subject, const Data& data) {
    estate_.timeline.add({at, type, estate_.shared.registry, std::move(subject), data.json()});
  }

  // A moment of the first night, before anybody else sends.
  Instant first_night() { return at(estate_.start, std::chrono::milliseconds(clock_ += 37)); }

  void make_references() {
    for (const Reference& reference : references()) add_reference(reference, false);
    // What was valid under the version before, and still stands in some elements.
    for (const std::string_view code : {"RAB.04.01", "RAB.06.01", "RAB.09.01", "RAB.03.01"}) {
      add_reference({std::string(code), std::string(code.substr(0, 6)), "Versi lama", 2}, true);
    }
  }

  void add_reference(const Reference& reference, bool old) {
    Data data;
    data.put("jenis", text(reference.code.substr(0, 3))).put("kode", text(reference.code));
    data.put("nama", text(reference.name)).put("tingkat", whole(reference.level));
    data.put("versi", text(old ? "2020" : "P132")).put("penetap", text("nasional"));
    data.put("berlaku_dari", text(old ? "2020-01-01" : "2022-12-20"));
    if (old) data.put("berlaku_sampai", text("2024-12-31"));
    if (!reference.parent.empty()) data.put("induk", text(reference.parent));
    send(EventType::kUpsert, first_night(), "referensi/" + reference.code + (old ? "@2020" : ""),
         data);
  }

  void make_agencies() {
    estate_.agencies = list_agencies(estate_.options.agencies);
    for (std::size_t i = 0; i < estate_.agencies.size(); ++i) add_agency(i);
  }

  void add_agency(std::size_t index) {
    Agency& agency = estate_.agencies[index];
    estate_.agency_by_code.emplace(agency.code, index);
    agency.source = estate_.timeline.add_source(
        {"//" + agency.code + std::string(kHost) + "/registri", kNoDay, index % 2 == 0});
    agency.begins = begins(index);
    // The last two districts of the list never get to their data.
    agency.partial = index == 48 || index == 49;
    send(EventType::kUpsert, first_night(), "perangkat_daerah/" + agency.code, describe(index));
    later_changes(agency);
    send(EventType::kUpsert, first_night(), "sumber/" + source_of(agency), describe_source(agency));
  }

  const std::string& source_of(const Agency& agency) const {
    return estate_.timeline.sources()[agency.source].name;
  }

  // Most begin within a month; a few need a season.
  Day begins(std::size_t index) {
    const int room = std::max(2, days_between(estate_.start, estate_.end));
    int wait = dice_.between(1, 24);
    if (index > 9 && index % 12 == 7) wait = dice_.between(60, 130);
    return workday_from(estate_.start + days(std::min(wait, room / 3)));
  }

  Data describe(std::size_t index) {
    const Agency& agency = estate_.agencies[index];
    Data data;
    data.put("nama", text(agency.name)).put("singkatan", text(agency.code));
    data.put("jenis", text(agency.kind)).put("kode", text("3508." + std::to_string(index + 1)));
    if (!agency.parent.empty()) data.put("induk", text(agency.parent));
    if (index == 0) {
      data.put("pengelola_tik", flag(true)).put("walidata", flag(true));
      data.put("register_csirt_sampai", date(estate_.end + days(40)));
    }
    data.put("memproses_data_pribadi", flag(agency.weight >= 3 || dice_.chance(300)));
    if (dice_.chance(450)) data.put("nomor_sk_dpo", text(decree("PDP")));
    data.put("terhubung_jaringan_intra", flag(agency.kind != "kecamatan" || dice_.chance(650)));
    if (dice_.chance(700)) {
      data.put("edukasi_keamanan_pada", date(estate_.start - days(dice_.between(10, 300))));
    }
    return data;
  }

  std::string decree(std::string_view about) {
    return "188.45/" + std::to_string(dice_.between(100, 899)) + "/" + std::string(about) + "/" +
           std::to_string(year_of(estate_.start));
  }

  void later_changes(const Agency& agency) {
    const int span = days_between(estate_.start, estate_.end);
    const auto patch = [&](std::string_view key, Json value, int permille) {
      if (span < 60 || !dice_.chance(permille)) return;
      const Day day = estate_.start + days(dice_.between(40, span - 5));
      send(EventType::kPatch, in_office(dice_, day), "perangkat_daerah/" + agency.code,
           Data().put(key, std::move(value)));
    };
    patch("nomor_sk_dpo", text(decree("PDP")), 400);
    patch("terhubung_jaringan_intra", flag(true), 250);
    patch("edukasi_keamanan_pada", date(estate_.start + days(span / 2)), 700);
  }

  Data describe_source(const Agency& agency) {
    Data data;
    data.put("nama", text("Registri " + agency.name)).put("kanal", text("kafka"));
    data.put("perangkat_daerah", text(agency.code)).put("selang_wajar_jam", whole(kUsualHours));
    return data;
  }

  void describe_shared_sources() {
    for (std::uint32_t source = 0; source <= estate_.shared.registrar; ++source) {
      const std::string& name = estate_.timeline.sources()[source].name;
      Data data = describe_source(estate_.agencies[0]);
      data.put("nama", text("Sistem " + name.substr(2)));
      send(EventType::kUpsert, first_night(), "sumber/" + name, data);
    }
  }

  void make_pics() {
    for (std::size_t i = 0; i < estate_.agencies.size(); ++i) {
      const int share = estate_.sizes.pics * estate_.agencies[i].weight / total_weight();
      const int count = std::max(1, share + (dice_.chance(500) ? 1 : 0));
      for (int n = 1; n <= count; ++n) add_pic(i, n);
    }
  }

  int total_weight() const {
    int sum = 0;
    for (const Agency& agency : estate_.agencies) sum += agency.weight;
    return sum;
  }

  void add_pic(std::size_t agency, int number) {
    Agency& owner = estate_.agencies[agency];
    Pic pic{.id = "pic-" + owner.code + "-" + std::to_string(number),
            .agency = agency,
            .diligence = dice_.between(600, 950),
            .elements = {}};
    const bool long_history = estate_.end - estate_.start > days(300);
    if (long_history && dice_.chance(kSilentPics)) {
      pic.silent_from = estate_.end - days(dice_.between(200, 260));
    }
    Data data;
    data.put("akun", text(pic.id)).put("peran", text(number == 1 ? "pic" : "operator"));
    data.put("perangkat_daerah", text(owner.code)).put("aktif", flag(true));
    if (!dice_.chance(60)) data.put("nomor_sk", text(decree("PIC")));
    // Decrees are for a year and run out unless they are renewed.
    const Day valid = estate_.start + days(dice_.between(60, 420));
    data.put("berlaku_sampai", date(valid));
    send(EventType::kUpsert, first_night(), "pic/" + pic.id, data);
    if (dice_.chance(850)) renew(pic.id, valid);
    owner.pics.push_back(estate_.pics.size());
    estate_.pics.push_back(std::move(pic));
  }

  void renew(const std::string& pic, Day valid) {
    const Day day = valid + days(dice_.between(-25, 20));
    Data data;
    data.put("nomor_sk", text(decree("PIC"))).put("berlaku_sampai", date(valid + days(365)));
    send(EventType::kPatch, in_office(dice_, day), "pic/" + pic, data);
  }

  // Three systems stop sending in the last weeks.
  void silence_sources() {
    const std::size_t count = estate_.agencies.size();
    if (count < 6 || estate_.end - estate_.start < days(60)) return;
    for (const auto& [index, weeks] :
         {std::pair(count / 3, 3), std::pair(count / 2, 5), std::pair(count * 4 / 5, 8)}) {
      estate_.timeline.silence(estate_.agencies[index].source, estate_.end - days(7 * weeks));
    }
  }

  Estate& estate_;
  Prng dice_;
  int clock_ = 0;
};

}  // namespace

void make_people(Estate& estate) { People(estate).make(); }

}  // namespace patuh::sample
