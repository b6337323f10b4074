// What happened to the pairs of an agency or by a rule, as rows of open pairs have it, and how the
// pairs stand behind it. Private to store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/encoding.h"
#include "store/store.h"

namespace patuh::store {

// One entry, taken apart; its texts view into the row's bytes.
struct OpenChange {
  std::uint64_t order = 0;  // among all of an agency: by transition, and what comes behind one
  bool stated = false;      // says how the pair stands, `started` included
  std::string_view agency, rule, kind, id, occurrence;
  model::VerdictState state{};
  Instant since{}, recorded{}, started = base::kNever;
};

void encode(std::string& out, const OpenChange& change);
// Answers anything after a fault of `in`.
OpenChange decode_open_change(Decoder& in);
// That the pair stands so.
OpenChange change_of(const OpenPair& pair, std::uint64_t order, Instant recorded);

// The open pairs of an agency, or without one of all, behind all of the changes, by rule and
// element. Those of one order stand in the order in which they came.
std::vector<OpenPair> fold(std::optional<std::string_view> agency, std::vector<OpenChange> changes);

}  // namespace patuh::store
