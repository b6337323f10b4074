// The form of a deployment, for the history and for what comes after it.
#pragma once

#include <string>
#include <string_view>

#include "tools/sample/data.h"

namespace patuh::sample {

struct Deployment {
  std::string application;
  std::string environment;  // produksi, uji
  std::string id;           // of this deployment
  std::string version;
  Instant at{};
  std::string subject() const;
  Data data() const;
};

}  // namespace patuh::sample
