#include <algorithm>
#include <array>

#include "base/base.h"

namespace patuh::base {
namespace {

constexpr std::size_t kNumberBytesMax = 10;  // of 64 bits, seven a byte

}  // namespace

void Encoder::number(std::uint64_t value) {
  if (value < 0x80U) return byte(static_cast<std::uint8_t>(value));
  std::array<char, kNumberBytesMax> bytes{};
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
  // Most numbers take a byte.
  if (!rest_.empty() && static_cast<std::uint8_t>(rest_.front()) < 0x80U) return byte();
  const std::size_t most = std::min(rest_.size(), kNumberBytesMax);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < most; ++i) {
    const auto next = static_cast<std::uint8_t>(rest_[i]);
    value |= std::uint64_t{next & 0x7fU} << (7 * i);
    if (next >= 0x80U) continue;
    // One number has one form: no trailing zero group, nothing above 64 bits.
    if ((next == 0 && i > 0) || (i + 1 == kNumberBytesMax && next > 1)) break;
    rest_.remove_prefix(i + 1);
    return value;
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
  if (rest_.size() < 8) {
    fault();
    return 0;
  }
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    value |= std::uint64_t{static_cast<std::uint8_t>(rest_[i])} << (8 * i);
  }
  rest_.remove_prefix(8);
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
