// The form of an attestation, for the history and for what comes after it.
#pragma once

#include <string>
#include <vector>

#include "tools/sample/data.h"

namespace patuh::sample {

struct Attestation {
  std::string id;
  std::string agency;              // code
  std::string by;                  // id of a PIC
  std::vector<std::string> about;  // kind/id
  Instant at{};
  bool head = false;
  std::string subject() const { return "pernyataan/" + id; }
  Data data() const;
};
// "2026-t3"
std::string quarter_name(Day day);

}  // namespace patuh::sample
