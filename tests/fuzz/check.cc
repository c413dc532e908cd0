#include "tests/fuzz/check.h"

#include <cstdlib>

#include <fmt/core.h>

#include "base/text.h"

namespace ballast::fuzz {

namespace {

constexpr std::size_t kLongestMessage = 1024;

}  // namespace

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

void require(bool holds, std::string_view property) {
  if (holds) return;
  fmt::print(stderr, "Property violated: {}\n", property);
  std::abort();
}

void require_printable(std::string_view text, std::string_view property) {
  // Each byte may become an escape of four: nothing is cut off here.
  require(printable(text, 4 * text.size() + 4) == text, property);
}

void require_presentable(const Error& error) {
  require(error.code == ErrorCode::kParse || error.code == ErrorCode::kTooLarge,
          "a parser fails with kParse or kTooLarge");
  require(!error.message.empty(), "an error says what is wrong");
  require(error.sentence().size() <= kLongestMessage, "an error's length is bounded");
  require_printable(error.sentence(), "an error is printable");
}

std::string twice(std::string_view text) {
  std::string doubled(text);
  doubled += '\n';
  doubled += text;
  return doubled;
}

std::uint64_t as_printed(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace ballast::fuzz
