// What machines tell by themselves: backups, use and availability of applications, exchanges,
// heartbeats of sources, synchronisation with the national portal.
#include <algorithm>

#include "tools/sample/draft.h"

namespace patuh::sample {
namespace {

constexpr int kDailyBackups = 20;  // applications that are backed up and told of every day
constexpr int kForgotten = 45;     // permille of the applications that nobody uses any more
constexpr int kBroken = 60;        // permille whose backup fails for some weeks

class Machinery {
 public:
  explicit Machinery(Estate& estate) : estate_(estate), dice_(estate.options.seed, "machinery") {}

  void make() {
    int daily = 0;
    for (const Application& app : estate_.applications) {
      if (!app.running) continue;
      if (app.owner == Owner::kLocal) {
        backups(app, daily++ < kDailyBackups ? 1 : 7);
      } else {
        use(app);
      }
    }
    for (const Made& integration : estate_.integrations) exchanges(integration);
    heartbeats();
    for (const Agency& agency : estate_.agencies) synchronise(agency);
  }

 private:
  void patch(std::uint32_t source, Instant at, std::string subject, const Data& data) {
    estate_.timeline.add({at, EventType::kPatch, source, std::move(subject), data.json()});
  }

  // The interval belongs to the application's owner and is told once; what ran, to the monitor.
  void backups(const Application& app, int interval) {
    const std::uint32_t monitor = estate_.shared.monitor;
    const std::string subject = "aplikasi/" + app.id;
    const bool forgotten = dice_.chance(kForgotten);
    const Day idle = app.day + days(dice_.between(20, 120));
    const Day breaks = dice_.chance(kBroken) ? app.day + days(dice_.between(30, 330)) : kNoDay;
    patch(monitor, in_office(dice_, app.day + days(1)), subject,
          Data().put("cadangan_selang_jam", whole(std::int64_t{interval} * 24)));
    int told = 0;
    for (Day day = app.day + days(1); day < std::min(estate_.end, app.retired);
         day += days(interval), ++told) {
      const bool broken = day >= breaks && day < breaks + days(24);
      Data data;
      const Instant night =
          at(day, std::chrono::hours(1) + std::chrono::seconds(dice_.between(0, 7'000)));
      if (!broken) data.put("cadangan_terakhir", instant(night));
      if (told * interval % 7 == 0) measure(data, app, forgotten ? std::min(day, idle) : day, told);
      if (!data.empty()) patch(monitor, night + std::chrono::minutes(9), subject, data);
    }
  }

  void measure(Data& data, const Application& app, Day used, int told) {
    data.put("terakhir_dipakai", date(used));
    if (app.open && told % 4 == 0) {
      const bool bad = app.id.size() % 11 == 0;
      data.put("ketersediaan_12bln",
               tenths(bad ? dice_.between(971, 988) : dice_.between(992, 999)));
    }
  }

  void use(const Application& app) {
    for (Day day = app.day + days(3); day < estate_.end; day += days(28)) {
      Data data;
      measure(data, app, day - days(dice_.between(0, 4)), 0);
      patch(estate_.shared.monitor, any_time(dice_, day), "aplikasi/" + app.id, data);
    }
  }

  void exchanges(const Made& integration) {
    for (Day day = integration.day + days(2); day < estate_.end; day += days(7)) {
      const Instant moment = any_time(dice_, day);
      patch(estate_.shared.monitor, moment, "integrasi/" + integration.id,
            Data().put("terakhir_berhasil", instant(moment)));
    }
  }

  // Every other day, so that a week without one means something.
  void heartbeats() {
    for (std::uint32_t source = 0; source < estate_.timeline.sources().size(); ++source) {
      for (Day day = estate_.start + days(1 + source % 2); day < estate_.end; day += days(2)) {
        estate_.timeline.add({any_time(dice_, day), EventType::kHeartbeat, source, "", ""});
      }
    }
  }

  // Monthly, by the portal's own system; some agencies stop bothering.
  void synchronise(const Agency& agency) {
    const bool stops = dice_.chance(140);
    Day day = agency.begins + days(dice_.between(5, 30));
    const Day last = stops ? day + days(dice_.between(60, 250)) : estate_.end;
    for (; day < std::min(estate_.end, last); day += days(dice_.between(24, 40))) {
      const Instant moment = any_time(dice_, day);
      patch(estate_.shared.portal, moment, "perangkat_daerah/" + agency.code,
            Data().put("sia_disinkronkan_pada", instant(moment)));
    }
  }

  Estate& estate_;
  Prng dice_;
};

}  // namespace

void make_machinery(Estate& estate) { Machinery(estate).make(); }

}  // namespace patuh::sample
