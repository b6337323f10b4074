#include "tools/sample/draft.h"

#include <algorithm>

namespace patuh::sample {
namespace {

constexpr int kStaleApart = 115;  // permille that their PIC forgets by himself
constexpr int kEnteredLate = 60;  // permille that come after the first weeks
constexpr int kMended = 410;      // permille of the faults of the beginning
constexpr int kEarly = 640;       // permille of the flags of the end that are there from the start

// Domains are entered one after another, so that what is pointed at is mostly there.
int weeks_after_beginning(std::string_view kind) {
  if (kind == "proses_bisnis") return 0;
  if (kind == "layanan" || kind == "infrastruktur") return 1;
  if (kind == "data_informasi") return 2;
  if (kind == "aplikasi") return 3;
  return 4;
}

}  // namespace

Instant in_office(Prng& dice, Day day) {
  const int minute = dice.between(kOfficeOpens, kOfficeCloses - 1);
  return at(workday_from(day),
            std::chrono::minutes(minute) + std::chrono::milliseconds(dice.between(0, 59'999)));
}

Instant any_time(Prng& dice, Day day) {
  return at(day, std::chrono::minutes(dice.between(0, 24 * 60 - 1)) +
                     std::chrono::milliseconds(dice.between(0, 59'999)));
}

std::string numbered(std::string_view stem, int n) {
  std::string digits = std::to_string(n);
  digits.insert(0, digits.size() < 3 ? 3 - digits.size() : 0, '0');
  return std::string(stem) + "-" + digits;
}

std::string named(const Agency& agency, const std::vector<std::string_view>& patterns, int n) {
  const auto number = static_cast<std::size_t>(n);
  const std::size_t topics = agency.topics.size();
  const std::size_t round = number / (topics * patterns.size());
  std::string name(patterns[number / topics % patterns.size()]);
  name += " " + agency.topics[number % topics];
  if (round > 0) name += " tahap " + std::to_string(round + 1);
  return name;
}

Draft::Draft(Estate& estate, Prng& dice, std::string_view kind, std::size_t agency, std::string id)
    : estate_(&estate), dice_(&dice), kind_(kind), id_(std::move(id)), agency_(agency) {
  const Agency& owner = estate.agencies[agency];
  pic_ = dice.pick(owner.pics);
  source_ = owner.source;
  day_ = owner.begins + days(7 * weeks_after_beginning(kind) + dice.between(0, 12));
  const int room = days_between(owner.begins, estate.end);
  if (room > 120 && dice.chance(kEnteredLate)) day_ += days(dice.between(30, room - 60));
  day_ = workday_from(std::min(day_, estate.end - days(4)));
}

Draft& Draft::on(Day day) {
  day_ = day;
  return *this;
}

Draft& Draft::from(std::uint32_t source) {
  source_ = source;
  return *this;
}

Draft& Draft::put(std::string_view key, Json value) {
  data_.put(key, std::move(value));
  return *this;
}

Draft& Draft::give(std::string_view key, Json value, int faults) {
  if (!dice_->chance(faults * 17 / 10)) return put(key, std::move(value));
  if (dice_->chance(kMended)) change(later(20), Data().put(key, std::move(value)));
  return *this;
}

Draft& Draft::grow(std::string_view key, int permille) {
  if (!dice_->chance(permille)) return *this;
  if (dice_->chance(kEarly)) return put(key, flag(true));
  return change(later(20), Data().put(key, flag(true)));
}

Draft& Draft::describe(std::string_view name, std::string_view reference) {
  name_ = name;
  put("nama", text(name));
  give("uraian", text(std::string(name) + " pada " + estate_->agencies[agency_].name));
  put("kondisi", text("as_is"));
  put("perangkat_daerah", text(estate_->agencies[agency_].code));
  put("pic", text(estate_->pics[pic_].id));
  if (!reference.empty()) give("referensi", text(reference), kWithoutReference);
  return *this;
}

Draft& Draft::change(Day day, Data data) {
  changes_.emplace_back(workday_from(day), std::move(data));
  return *this;
}

Day Draft::later(int after) {
  const int room = days_between(day_, estate_->end) - after - 3;
  return workday_from(day_ + days(after + (room > 0 ? dice_->between(0, room) : 0)));
}

void Draft::send(EventType type, Day day, const Data& data) {
  estate_->timeline.add({in_office(*dice_, day), type, source_, kind_ + "/" + id_, data.json()});
}

void Draft::attest() {
  Attested entry{kind_ + "/" + id_, day_, kNoDay};
  const bool old = estate_->end - day_ > days(250);
  if (old && dice_->chance(kStaleApart)) entry.until = day_ + days(60);
  estate_->pics[pic_].elements.push_back(std::move(entry));
}

Made Draft::finish() {
  send(EventType::kUpsert, day_, data_);
  const Day silent = estate_->pics[pic_].silent_from;
  for (const auto& [day, data] : changes_) {
    const bool works = source_ != estate_->agencies[agency_].source || day < silent;
    if (works && day > day_) send(EventType::kPatch, day, data);
  }
  attest();
  return {id_, name_, agency_, day_};
}

}  // namespace patuh::sample
