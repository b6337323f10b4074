// What comes after the history.
#include <algorithm>

#include "tools/sample/attestations.h"
#include "tools/sample/deployments.h"
#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

constexpr std::string_view kDeployer = "//ci.lumajangkab.go.id/penerapan";
constexpr std::string_view kIctAgency = "//diskominfo.lumajangkab.go.id/registri";
constexpr std::string_view kMonitor = "//pemantauan.lumajangkab.go.id/telemetri";

std::string micros(Instant at) { return std::to_string(at.time_since_epoch().count()); }

// Ids carry the time, so that a second run does not repeat those of the first.
std::string event_of(EventType type, std::string_view source, std::string subject, const Data& data,
                     Instant at) {
  const Event event{at, type, 0, std::move(subject), data.empty() ? "" : data.json()};
  return cloud_event(event, {.name = std::string(source)}, "langsung-" + micros(at), 0);
}

std::string sudden_application(std::uint64_t seed, std::uint64_t n) {
  constexpr std::string_view kNames[] = {"antrean", "kuesioner", "pendataan",
                                         "lomba",   "undangan",  "bursa"};
  Prng dice(seed + n, "sudden");
  return std::string(kNames[dice.below(6)]) + "-dadakan-" + std::to_string(n);
}

Data registration(const std::string& app, Day today) {
  Data data;
  data.put("nama", text("Aplikasi " + app)).put("uraian", text("Didaftarkan setelah diterapkan"));
  data.put("perangkat_daerah", text("diskominfo")).put("kondisi", text("as_is"));
  data.put("status", text("operasional")).put("pemilik", text("daerah"));
  data.put("jenis", text("khusus")).put("referensi", text("RAA.02.02"));
  data.put("fungsi", text("Layanan internal")).put("luaran", text("Laporan"));
  data.put("basis_aplikasi", texts({"web"})).put("tipe_lisensi", text("sumber_terbuka"));
  data.put("basis_data", text("PostgreSQL")).put("kategori_se", text("rendah"));
  data.put("pengembang", text("internal")).put("repositori", text("repositori/" + app));
  data.put("dokumentasi", texts({"kebutuhan", "rancangan", "uji", "manual"}));
  data.put("rekomendasi_pada", date(today - days(40)));
  data.put("mulai_dibangun_pada", date(today - days(30)));
  data.put("nomor_rekomendasi", text("REK-TIK/SUSULAN")).put("nomor_pse", text("PSE-SUSULAN"));
  data.put("lokasi_data", text("indonesia")).put("uji_pulih_pada", date(today));
  return data;
}

}  // namespace

std::string bad_deployment(std::uint64_t seed, std::uint64_t n, Instant at) {
  const Deployment made{.application = sudden_application(seed, n),
                        .environment = "produksi",
                        .id = "dpl-langsung-" + micros(at),
                        .version = "0.1",
                        .at = at};
  return event_of(EventType::kDeployment, kDeployer, made.subject(), made.data(), at);
}

std::vector<std::string> healing_events(std::uint64_t seed, std::uint64_t n, Instant at) {
  using std::chrono::microseconds;
  const std::string app = sudden_application(seed, n);
  Data measured;
  measured.put("cadangan_terakhir", instant(at)).put("terakhir_dipakai", date(day_of(at)));
  const Attestation attested{.id = "pic-diskominfo-1-" + app,
                             .agency = "diskominfo",
                             .by = "pic-diskominfo-1",
                             .about = {"aplikasi/" + app},
                             .at = at + microseconds(2)};
  return {event_of(EventType::kUpsert, kIctAgency, "aplikasi/" + app, registration(app, day_of(at)),
                   at),
          event_of(EventType::kPatch, kMonitor, "aplikasi/" + app, measured, at + microseconds(1)),
          event_of(EventType::kAttestation, kIctAgency, attested.subject(), attested.data(),
                   attested.at)};
}

struct Live::Impl {
  explicit Impl(const Options& options) : estate(make_estate(options)), dice(options.seed, "live") {
    for (const Application& app : estate.applications) {
      const bool stands = app.is_local_and_running() && app.retired == kNoDay;
      if (stands) running.push_back(&app);
      if (stands && app.recommended && !app.open) deployable.push_back(&app);
    }
  }

  bool speaks(std::uint32_t source) const {
    return estate.timeline.sources()[source].silent_from == kNoDay;
  }
  const std::string& name(std::uint32_t source) const {
    return estate.timeline.sources()[source].name;
  }
  const Agency* an_agency() {
    const Agency& agency = dice.pick(estate.agencies);
    return speaks(agency.source) ? &agency : nullptr;
  }

  std::string heartbeat(Instant at) {
    std::uint32_t source = 0;
    do {
      source = static_cast<std::uint32_t>(dice.below(estate.timeline.sources().size()));
    } while (!speaks(source));
    return event_of(EventType::kHeartbeat, name(source), "", {}, at);
  }

  std::string telemetry(Instant at) {
    if (running.empty()) return heartbeat(at);
    Data data;
    data.put("cadangan_terakhir", instant(at)).put("terakhir_dipakai", date(day_of(at)));
    return event_of(EventType::kPatch, kMonitor, "aplikasi/" + dice.pick(running)->id, data, at);
  }

  std::string change(Instant at) {
    const Agency* agency = an_agency();
    if (agency == nullptr) return telemetry(at);
    const auto index = static_cast<std::size_t>(agency - estate.agencies.data());
    const DataSet* set = pick_of_agency(dice, estate.data, index);
    if (set == nullptr) return telemetry(at);
    return event_of(EventType::kPatch, name(agency->source), "data_informasi/" + set->id,
                    Data().put("dimutakhirkan_pada", date(day_of(at))), at);
  }

  std::string attestation(Instant at) {
    const Pic& pic = dice.pick(estate.pics);
    const Agency& agency = estate.agencies[pic.agency];
    if (pic.silent_from != kNoDay || !speaks(agency.source) || pic.elements.empty()) {
      return change(at);
    }
    Attestation made{.id = pic.id + "-langsung-" + micros(at),
                     .agency = agency.code,
                     .by = pic.id,
                     .about = {},
                     .at = at};
    for (const Attested& element : pic.elements) {
      if (element.until == kNoDay && made.about.size() < 40) made.about.push_back(element.subject);
    }
    return event_of(EventType::kAttestation, name(agency.source), made.subject(), made.data(), at);
  }

  std::string deployment(Instant at) {
    if (deployable.empty()) return heartbeat(at);
    const Deployment made{.application = dice.pick(deployable)->id,
                          .environment = dice.chance(500) ? "produksi" : "uji",
                          .id = "dpl-langsung-" + micros(at),
                          .version = "3." + std::to_string(dice.between(0, 40)),
                          .at = at};
    return event_of(EventType::kDeployment, kDeployer, made.subject(), made.data(), at);
  }

  std::string next(Instant at) {
    const int kind = dice.between(0, 99);
    if (kind < 45) return telemetry(at);
    if (kind < 62) return heartbeat(at);
    if (kind < 80) return change(at);
    if (kind < 91) return attestation(at);
    return deployment(at);
  }

  Estate estate;
  Prng dice;
  std::vector<const Application*> running;
  std::vector<const Application*> deployable;
};

Live::Live(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
Live::~Live() = default;
Live::Live(Live&&) noexcept = default;
Live& Live::operator=(Live&&) noexcept = default;
std::string Live::next(Instant at) { return impl_->next(at); }

}  // namespace patuh::sample
