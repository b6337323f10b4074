// Applications that a regency is known to run, by function: national ones, ministries', and the
// local silos that do the same.
#pragma once

#include <span>
#include <string_view>

namespace patuh::sample {

enum class Owner { kNational, kMinistry, kLocal };

struct KnownApplication {
  std::string_view id;
  std::string_view name;
  std::string_view agency;  // code
  Owner owner;
  std::string_view area;      // bidang_umum, or empty
  std::string_view function;  // kode_fungsi, shared by silos
  bool open;                  // used by the public
  bool personal;              // holds personal data
};

std::span<const KnownApplication> known_applications();

}  // namespace patuh::sample
