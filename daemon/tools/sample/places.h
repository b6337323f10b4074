// The agencies of a regency of Lumajang's size, by their generic names, and what they deal with.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace patuh::sample {

struct Place {
  std::string_view code;  // the label code
  std::string_view name;
  std::string_view kind;    // of perangkat_daerah.jenis
  int weight;               // how much of the architecture is its own
  std::string_view affair;  // digits of its RAB and RAD code: "04.01"
  std::array<std::string_view, 8> topics;
};

// In the order in which smaller samples take them: those that answer for the whole come first.
std::span<const Place> places();
std::span<const std::string_view> districts();
std::span<const std::string_view, 8> district_topics();
std::string slug(std::string_view text);  // "Kartu Keluarga" → "kartu-keluarga"

}  // namespace patuh::sample
