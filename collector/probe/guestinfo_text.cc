#include "collector/probe/guestinfo_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace ballast::collector {

namespace {

constexpr std::string_view kOwnReport = "-";

std::string hex(std::span<const unsigned char> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

// Returns sha256(key + text) in hex, as sha256sum prints it.
std::string keyed_hash(const Secret& key, std::string_view text) {
  std::string whole = key.reveal() + std::string(text);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(whole.data()), whole.size(), hash.data());
  wipe(whole);
  return hex(hash);
}

struct Told {
  std::string_view seal;
  std::string_view text;
};

Told split(std::string_view told) {
  const auto blank = told.find(' ');
  if (blank == std::string_view::npos) return {};
  return {told.substr(0, blank), told.substr(blank + 1)};
}

std::string in_lines(std::string_view text) {
  std::string lines(text);
  std::replace(lines.begin(), lines.end(), ';', '\n');
  lines += '\n';  // the shell takes the last one off
  return lines;
}

}  // namespace

std::string new_nonce() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("this machine has no random numbers for a probe");
  }
  return hex(bytes);
}

Secret new_guestinfo_key() { return Secret(new_nonce()); }

std::optional<std::string> open_sealed(std::string_view told, const Secret& key) {
  const auto [seal, text] = split(told);
  const auto expected = keyed_hash(key, keyed_hash(key, text));
  if (seal.size() != expected.size() ||
      CRYPTO_memcmp(seal.data(), expected.data(), expected.size()) != 0) {
    return std::nullopt;
  }
  return in_lines(text);
}

std::optional<std::string> open_report(std::string_view told) {
  const auto [seal, text] = split(told);
  if (seal != kOwnReport) return std::nullopt;
  return in_lines(text);
}

}  // namespace ballast::collector
