#include "base/text.h"

#include <cstdint>
#include <iterator>

#include <fmt/format.h>
#include <fnmatch.h>
#include <locale.h>
#include <utf8cpp/utf8.h>
#include <wchar.h>

namespace ballast {

namespace {

// These turn text around: a VM's name could pretend to be another.
bool is_bidi_control(std::uint32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || is_bidi_control(c);
}

std::string escaped(std::uint32_t c) {
  return c < 0x100 ? fmt::format("\\x{:02x}", c) : fmt::format("\\u{:04x}", c);
}

// wcwidth() answers for the process's locale, which may be C, so it is asked in one of UTF-8.
int columns_of(std::uint32_t c) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) return 1;
  const locale_t before = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(c));
  uselocale(before);
  return width < 0 ? 1 : width;
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string valid;
  // Four bytes more than are kept, so that the last character is not cut in two.
  const auto considered = text.substr(0, max_bytes + 4);
  utf8::replace_invalid(considered.begin(), considered.end(), std::back_inserter(valid));
  std::string out;
  for (auto it = valid.begin(); it != valid.end();) {
    const auto start = it;
    const std::uint32_t c = utf8::unchecked::next(it);
    const std::string piece = is_control(c) ? escaped(c) : std::string(start, it);
    if (out.size() + piece.size() > max_bytes) return out + "…";
    out += piece;
  }
  return out;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool glob_match(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (auto it = text.begin(); it != text.end();) {
    columns += static_cast<std::size_t>(columns_of(utf8::unchecked::next(it)));
  }
  return columns;
}

std::string elide(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 0;
  auto it = text.begin();
  while (it != text.end()) {
    auto next = it;
    const auto width = static_cast<std::size_t>(columns_of(utf8::unchecked::next(next)));
    if (used + width > columns - 1) break;
    used += width;
    it = next;
  }
  return std::string(text.begin(), it) + "…";
}

}  // namespace ballast
