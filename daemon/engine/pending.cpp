#include "engine/pending.h"

#include <utility>

namespace patuh::engine {
namespace {

std::int64_t& at(std::vector<std::int64_t>& counts, std::size_t place) {
  if (counts.size() <= place) counts.resize(place + 1);
  return counts[place];
}

}  // namespace

void PendingCounts::clear() { agencies_.clear(); }

PendingCounts::Agency& PendingCounts::agency(std::uint32_t number) {
  if (agencies_.size() <= number) agencies_.resize(number + 1U);
  return agencies_[number];
}

void PendingCounts::hold(std::uint32_t number, model::KindId kind, int by) {
  at(agency(number).held, kind.value) += by;
}

void PendingCounts::add(std::uint32_t number, Seat seat, int by) {
  Agency& of = agency(number);
  at(of.waiting, seat.value) += by;
  of.sum += by;
}

void PendingCounts::begin(Seat seat, model::KindId kind) {
  for (Agency& of : agencies_) {
    std::int64_t& waiting = at(of.waiting, seat.value);
    const std::int64_t held = at(of.held, kind.value);
    of.sum += held - std::exchange(waiting, held);
  }
}

void PendingCounts::end(Seat seat) {
  for (Agency& of : agencies_) of.sum -= std::exchange(at(of.waiting, seat.value), 0);
}

std::uint64_t PendingCounts::of(std::uint32_t number) const {
  return number < agencies_.size() ? static_cast<std::uint64_t>(agencies_[number].sum) : 0;
}

std::uint64_t PendingCounts::bytes() const {
  std::uint64_t bytes = agencies_.capacity() * sizeof(Agency);
  for (const Agency& of : agencies_) {
    bytes += (of.held.capacity() + of.waiting.capacity()) * sizeof(std::int64_t);
  }
  return bytes;
}

}  // namespace patuh::engine
