// Attestations: PICs say each month that what they entered is true, heads each quarter; and the
// waivers that the secretary granted.
#include "tools/sample/attestations.h"

#include <algorithm>

#include "tools/sample/draft.h"

namespace patuh::sample {

Data Attestation::data() const {
  Data values;
  values.put("perangkat_daerah", text(agency)).put("oleh", text(by)).put("pada", instant(at));
  values.put("lingkup", text(head ? "perangkat_daerah" : "elemen")).put("kepala", flag(head));
  values.put("tentang", texts(about));
  Data data;
  data.put("element", text(subject())).put("values", {values.json()});
  return data;
}

std::string quarter_name(Day day) {
  return std::to_string(year_of(day)) + "-t" + std::to_string(quarter_of(day));
}

namespace {

constexpr int kForgets = 25;        // permille of a PIC's elements, each time
constexpr int kHeadsMiss = 110;     // permille of the quarters
constexpr std::size_t kMost = 450;  // elements of one statement

class Attestations {
 public:
  explicit Attestations(Estate& estate)
      : estate_(estate), dice_(estate.options.seed, "attestations") {}

  void make() {
    for (const Pic& pic : estate_.pics) make_series(pic);
    for (const Agency& agency : estate_.agencies) heads(agency);
    waivers();
  }

 private:
  void send(const Attestation& made, std::uint32_t source) {
    estate_.timeline.add(
        {made.at, EventType::kAttestation, source, made.subject(), made.data().json()});
  }

  // A PIC's statement is one element a quarter, said again and longer every few weeks.
  void make_series(const Pic& pic) {
    const Agency& agency = estate_.agencies[pic.agency];
    Day day = agency.begins + days(dice_.between(18, 32));
    for (; day < std::min(estate_.end, pic.silent_from); day += days(dice_.between(13, 22))) {
      if (!dice_.chance(pic.diligence)) continue;
      const Day workday = workday_from(day);
      Attestation made{
          .id = pic.id + "-" + quarter_name(workday),
          .agency = agency.code,
          .by = pic.id,
          .about = remembered(pic, workday),
          // After the last change of the day.
          .at = at(workday, std::chrono::hours(17) +
                                std::chrono::milliseconds(dice_.between(0, 3'000'000)))};
      if (!made.about.empty()) send(made, agency.source);
    }
  }

  std::vector<std::string> remembered(const Pic& pic, Day day) {
    std::vector<std::string> out;
    for (const Attested& element : pic.elements) {
      const bool alive = element.from <= day && (element.until == kNoDay || day < element.until);
      if (alive && out.size() < kMost && !dice_.chance(kForgets)) out.push_back(element.subject);
    }
    return out;
  }

  void heads(const Agency& agency) {
    for (Day quarter = start_of_quarter(estate_.start); quarter < estate_.end;
         quarter = add_months(quarter, 3)) {
      const Day day = workday_from(quarter + days(dice_.between(3, dice_.chance(800) ? 14 : 70)));
      if (dice_.chance(kHeadsMiss) || day <= agency.begins) continue;
      const Pic& recorder = estate_.pics[agency.pics.front()];
      send({.id = "kepala-" + agency.code + "-" + quarter_name(quarter),
            .agency = agency.code,
            .by = recorder.id,
            .about = {"perangkat_daerah/" + agency.code},
            .at = in_office(dice_, day),
            .head = true},
           agency.source);
    }
  }

  // What lies abroad is excused for half a year, at two applications.
  void waivers() {
    const int span = days_between(estate_.start, estate_.end);
    int granted = 0;
    for (const Application& app : estate_.applications) {
      if (!app.is_local_and_running() || !app.open || span < 120 || granted == 2) continue;
      const Day day = std::max(app.day + days(20), estate_.end - days(100 + 130 * granted));
      if (day >= estate_.end) continue;
      Data values;
      values.put("nama", text("Pengecualian lokasi data " + app.name));
      values.put("perangkat_daerah", text(estate_.agencies[app.agency].code));
      values.put("tentang", text("aplikasi/" + app.id)).put("aturan", text("APP-HST-01"));
      values.put("alasan", text("Teknologi belum tersedia di dalam negeri"));
      values.put("risiko", text("Sedang")).put("diajukan_oleh", text("kepala perangkat daerah"));
      values.put("penyetuju", text("koordinator-spbe")).put("dari", instant(at(day, {})));
      values.put("sampai", instant(at(day + days(180), {})));
      Data data;
      data.put("element", text("pengecualian/" + numbered("pengecualian", granted)));
      data.put("values", {values.json()});
      estate_.timeline.add({in_office(dice_, day), EventType::kWaiver, estate_.shared.registry,
                            "pengecualian/" + numbered("pengecualian", granted++), data.json()});
    }
  }

  Estate& estate_;
  Prng dice_;
};

}  // namespace

void make_attestations(Estate& estate) { Attestations(estate).make(); }

}  // namespace patuh::sample
