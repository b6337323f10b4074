// Numbers and texts of a snapshot, to bytes and back.
#include "registry/registry.h"

namespace patuh::registry {

void StateWriter::number(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(value | 0x80U));
  byte(static_cast<std::uint8_t>(value));
}

void StateWriter::integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  number(value < 0 ? ~(bits << 1U) : bits << 1U);
}

void StateWriter::fixed(std::uint64_t value) {
  for (int i = 0; i < 8; ++i, value >>= 8U) byte(static_cast<std::uint8_t>(value));
}

void StateWriter::text(std::string_view text) {
  number(text.size());
  out_->append(text);
}

std::uint8_t StateReader::byte() {
  if (rest_.empty()) {
    fault();
    return 0;
  }
  const auto value = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

std::uint64_t StateReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t part = byte();
    value |= std::uint64_t{part & 0x7FU} << shift;
    if ((part & 0x80U) == 0) return value;
  }
  fault();
  return 0;
}

std::uint64_t StateReader::number_below(std::uint64_t end) {
  const std::uint64_t value = number();
  if (value >= end) fault();
  return ok_ ? value : 0;
}

std::uint64_t StateReader::count() {
  const std::uint64_t value = number();
  if (value > rest_.size()) fault();
  return ok_ ? value : 0;
}

std::int64_t StateReader::integer() {
  const std::uint64_t value = number();
  const auto half = static_cast<std::int64_t>(value >> 1U);
  return (value & 1U) == 0 ? half : ~half;
}

std::uint64_t StateReader::fixed() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
  return value;
}

std::string_view StateReader::text() {
  const std::uint64_t size = count();
  const std::string_view found = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return found;
}

}  // namespace patuh::registry
