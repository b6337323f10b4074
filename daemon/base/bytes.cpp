#include <array>

#include "base/base.h"

namespace patuh::base {

void Encoder::number(std::uint64_t value) {
  std::array<char, 10> bytes;
  std::size_t size = 0;
  for (; value >= 0x80U; value >>= 7U) bytes[size++] = static_cast<char>(value | 0x80U);
  bytes[size++] = static_cast<char>(value);
  out_->append(bytes.data(), size);
}

void Encoder::integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  number((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void Encoder::fixed(std::uint64_t value) {
  std::array<char, 8> bytes;
  for (char& byte : bytes) {
    byte = static_cast<char>(value);
    value >>= 8U;
  }
  out_->append(bytes.data(), bytes.size());
}

void Encoder::text(std::string_view text) {
  number(text.size());
  *out_ += text;
}

void Decoder::fault() {
  ok_ = false;
  rest_ = {};
}

std::uint8_t Decoder::byte() {
  if (rest_.empty()) {
    fault();
    return 0;
  }
  const auto value = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

std::uint64_t Decoder::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    value |= std::uint64_t{next & 0x7fU} << shift;
    const bool last = next < 0x80U;
    // One number has one form: no trailing zero group, nothing above 64 bits.
    if (last && ((next == 0 && shift > 0) || (shift == 63 && next > 1))) break;
    if (last) return ok_ ? value : 0;
  }
  fault();
  return 0;
}

std::uint64_t Decoder::number_below(std::uint64_t end) {
  const std::uint64_t value = number();
  if (value >= end) fault();
  return ok_ ? value : 0;
}

std::uint64_t Decoder::fixed() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
  return value;
}

std::int64_t Decoder::integer() {
  const std::uint64_t bits = number();
  return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
}

std::string_view Decoder::text() {
  const std::uint64_t size = number();
  if (!ok_ || size > rest_.size()) {
    fault();
    return {};
  }
  const std::string_view out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

std::size_t Decoder::count() {
  const std::uint64_t value = number();
  if (value > rest_.size()) fault();
  return ok_ ? value : 0;
}

}  // namespace patuh::base
