// One element while it is made: what it is entered with, what is missing from it at first and is
// mended later, what changes on the way.
#pragma once

#include <string>
#include <string_view>

#include "tools/sample/data.h"
#include "tools/sample/estate.h"

namespace patuh::sample {

// Faults at the end, permille; at the beginning there are more by 7 in 10.
inline constexpr int kCommonFaults = 45;
inline constexpr int kWithoutReference = 120;
inline constexpr int kOrphans = 80;

class Draft {
 public:
  Draft(Estate& estate, Prng& dice, std::string_view kind, std::size_t agency, std::string id);

  // The day on which it is entered; given by its agency's beginning unless said here.
  Draft& on(Day day);
  Draft& from(std::uint32_t source);
  Draft& put(std::string_view key, Json value);
  // Put, or missing at first, or missing for good.
  Draft& give(std::string_view key, Json value, int faults = kCommonFaults);
  // A flag that is set in so many (permille) at the end, in fewer at the beginning.
  Draft& grow(std::string_view key, int permille);
  // The usual fields: nama, uraian, kondisi, perangkat_daerah, pic and, with a code, referensi.
  Draft& describe(std::string_view name, std::string_view reference);
  // A change on that day, when its PIC still works.
  Draft& change(Day day, Data data);
  // Enters it. Answers what others need to point at it.
  Made finish();

  Day day() const { return day_; }
  // A workday within the element's life, at least `after` days from its entry.
  Day later(int after);
  const std::string& id() const { return id_; }
  std::size_t agency() const { return agency_; }

 private:
  void send(EventType type, Day day, const Data& data);
  void attest();

  Estate* estate_;
  Prng* dice_;
  std::string kind_, id_, name_;
  std::size_t agency_;
  std::size_t pic_;
  std::uint32_t source_;
  Day day_;
  Data data_;
  std::vector<std::pair<Day, Data>> changes_;
};

// A moment of a working day.
Instant in_office(Prng& dice, Day day);
// A moment of any hour.
Instant any_time(Prng& dice, Day day);
// Something of the list, of the agency when it has any.
template <class List>
const auto* pick_of_agency(Prng& dice, const List& list, std::size_t agency) {
  std::vector<const typename List::value_type*> own;
  for (const auto& item : list) {
    if (item.agency == agency) own.push_back(&item);
  }
  return own.empty() ? nullptr : dice.pick(own);
}
std::string numbered(std::string_view stem, int n);  // "dinkes-pb", 7 → "dinkes-pb-007"
// The n-th name an agency gives: a pattern and one of its topics, e.g. "Pengelolaan imunisasi".
std::string named(const Agency& agency, const std::vector<std::string_view>& patterns, int n);

}  // namespace patuh::sample
