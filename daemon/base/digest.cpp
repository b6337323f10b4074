#include <openssl/evp.h>

#include "base/base.h"

namespace patuh::base {
namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Digest sha256(std::span<const std::string_view> parts) {
  // One context a thread: making one costs more than hashing an event.
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  PATUH_ASSERT(context && kSha256 && EVP_DigestInit_ex2(context.get(), kSha256, nullptr) == 1);
  for (const std::string_view part : parts) {
    PATUH_ASSERT(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  Digest out{};
  unsigned int size = 0;
  PATUH_ASSERT(EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1 && size == out.size());
  return out;
}

Digest sha256(std::string_view bytes) {
  return sha256(std::span<const std::string_view>(&bytes, 1));
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

Result<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Code::kInvalid, "a hexadecimal string has an even length");
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return fail(Code::kInvalid, "not a hexadecimal digit");
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

}  // namespace patuh::base
