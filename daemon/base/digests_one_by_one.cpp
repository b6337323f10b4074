// Where no library hashes several texts at once.
#include "base/base.h"

namespace patuh::base {

std::vector<Digest> sha256_each(std::span<const std::string_view> texts) {
  std::vector<Digest> out;
  out.reserve(texts.size());
  for (const std::string_view text : texts) out.push_back(sha256(text));
  return out;
}

}  // namespace patuh::base
