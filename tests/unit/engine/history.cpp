#include "history.h"

#include <cstdlib>

#include "random_events.h"
#include "random_pack.h"
#include "side_by_side.h"

namespace patuh::engine::naive {
namespace {

using std::chrono::hours;

base::Duration random_step(Dice& dice) {
  const std::size_t choice = dice.below(100);
  if (choice < 30) return base::Duration(0);
  if (choice < 40) return base::Duration(1);
  if (choice < 60) return hours(6) * dice.between(1, 4);
  if (choice < 80) return std::chrono::minutes(dice.between(1, 2000));
  if (choice < 97) return hours(24) * dice.between(1, 5);
  return hours(24) * dice.between(20, 60);
}

}  // namespace

HistoryEnd run_history(Dice& dice, int steps) {
  RandomPack pack(dice);
  RandomEvents events(dice, pack);
  HistoryEnd out;
  out.log = pack.text();
  SideBySide both(pack.load(), spans());
  base::Instant now = kBeginning;
  while (out.step < steps && out.wrong.empty()) {
    ++out.step;
    now += random_step(dice);
    out.log += "\n" + base::to_rfc3339(now) + " ";
    if (dice.percent(6)) {
      pack.change();
      out.log += "activate\n" + pack.text();
      out.wrong = both.activate(now, pack.load(), spans());
      events.forget();
    } else if (dice.percent(10)) {
      out.log += "advance";
      out.wrong = both.advance(now);
    } else {
      const model::ChangeEvent event = events.next(both.engine().book(), now);
      out.log += text_of(event, *both.engine().book().schema);
      out.wrong = both.apply(now, event);
    }
  }
  out.compared = both.compared();
  return out;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace patuh::engine::naive
