// What makes foreign text safe to show, cuts it into lines and into columns.
#include <utf8cpp/utf8.h>

#include "base/text.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

constexpr std::string_view kEllipsis = "…";

// The controls that printable() promises to take out, found by their bytes and not by its code.
bool has_control(std::string_view text) {
  for (auto it = text.begin(); it != text.end();) {
    const auto c = utf8::unchecked::next(it);
    const bool c0_or_c1 = c < 0x20 || (c >= 0x7f && c <= 0x9f);
    const bool bidi = c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                      (c >= 0x2066 && c <= 0x2069);
    if (c0_or_c1 || bidi) return true;
  }
  return false;
}

void check_printable(std::string_view text, std::size_t max_bytes) {
  const auto shown = printable(text, max_bytes);
  require(utf8::is_valid(shown.begin(), shown.end()), "what is shown is UTF-8");
  require(!has_control(shown), "what is shown has no control characters");
  require(shown.size() <= max_bytes + kEllipsis.size(), "what is shown is bounded");
  require(printable(shown, max_bytes + kEllipsis.size()) == shown, "showing it again is the same");
  for (const std::size_t columns : {0U, 1U, 2U, 17U}) {
    const auto cut = elide(shown, columns);
    require(display_width(cut) <= columns, "what is elided fits");
    require(utf8::is_valid(cut.begin(), cut.end()), "no character is cut in two");
  }
}

void check_lines(std::string_view text) {
  std::size_t bytes = 0;
  for (const auto line : split_lines(text)) {
    require(line.find('\n') == std::string_view::npos, "a line has no end of line in it");
    require(line.size() <= text.size(), "a line is a part of the text");
    bytes += line.size();
  }
  require(bytes <= text.size(), "no byte is in two lines");
  const auto trimmed = trim(text);
  require(trim(trimmed) == trimmed, "trimming again is the same");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = ballast::fuzz::text_of(data, size);
  ballast::fuzz::check_printable(text, 1024);
  ballast::fuzz::check_printable(text, 10);
  ballast::fuzz::check_lines(text);
  return 0;
}
