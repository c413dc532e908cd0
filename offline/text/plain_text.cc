#include "offline/text/plain_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include <utf8cpp/utf8.h>

namespace ballast::offline {

namespace {

constexpr char kEscape = '\x1b';
constexpr std::size_t kLongestSequence = 256;  // of a terminal; window titles are the longest

std::uint32_t unit_at(std::string_view bytes, std::size_t at, bool big_endian) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  const auto second = static_cast<unsigned char>(bytes[at + 1]);
  return big_endian ? first * 256U + second : second * 256U + first;
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    auto c = unit_at(bytes, at, big_endian);
    const bool high = c >= 0xD800 && c < 0xDC00;
    if (high && at + 3 < bytes.size()) {
      const auto low = unit_at(bytes, at + 2, big_endian);
      const bool pair = low >= 0xDC00 && low < 0xE000;
      c = pair ? 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00) : kReplacement;
      if (pair) at += 2;
    }
    if (c >= 0xD800 && c < 0xE000) c = kReplacement;
    utf8::append(c, std::back_inserter(text));
  }
  return text;
}

// Text of /proc is ASCII: in UTF-16 nearly every second byte is 0. Returns 'b' or 'l' for the
// order, 0 for other encodings.
char utf16_order(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe")) return 'l';
  if (bytes.starts_with("\xfe\xff")) return 'b';
  const auto head = bytes.substr(0, 512);
  std::array<std::size_t, 2> zeros{};
  for (std::size_t at = 0; at < head.size(); ++at) {
    if (head[at] == '\0') ++zeros.at(at % 2);
  }
  const auto half = head.size() / 2;
  if (half < 4) return 0;
  if (zeros[1] * 10 >= half * 9 && zeros[0] * 10 <= half) return 'l';
  if (zeros[0] * 10 >= half * 9 && zeros[1] * 10 <= half) return 'b';
  return 0;
}

std::string decoded(std::string_view bytes) {
  if (const char order = utf16_order(bytes); order != 0) {
    return from_utf16(bytes, order == 'b');
  }
  return std::string(bytes);
}

// Returns the length of the terminal's sequence at the front of `text`, which begins with ESC, and
// the blank that the sequence leaves: a movement of the cursor does not join what it stood between.
std::pair<std::size_t, bool> terminal_sequence(std::string_view text) {
  if (text.size() < 2) return {text.size(), false};
  const auto longest = std::min(text.size(), kLongestSequence);
  if (text[1] == '[') {
    std::size_t at = 2;
    while (at < longest && (text[at] < '@' || text[at] > '~')) ++at;
    if (at == longest) return {1, false};
    return {at + 1, std::string_view("mKhl").find(text[at]) == std::string_view::npos};
  }
  if (text[1] == ']') {
    for (std::size_t at = 2; at < longest; ++at) {
      if (text[at] == '\a') return {at + 1, false};
      if (text[at] == kEscape) return {std::min(at + 2, text.size()), false};
      if (text[at] == '\n') break;
    }
    return {1, false};
  }
  return {text[1] == '(' || text[1] == ')' ? std::min<std::size_t>(3, text.size()) : 2, false};
}

std::string without_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (text.front() == kEscape) {
      const auto [length, blank] = terminal_sequence(text);
      if (blank) out += ' ';
      text.remove_prefix(length);
      continue;
    }
    if (text.front() == '\b') {
      if (!out.empty() && out.back() != '\n') out.pop_back();
    } else {
      out += text.front();
    }
    text.remove_prefix(1);
  }
  return out;
}

std::string with_unix_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r') {
      out += text[at];
      continue;
    }
    // "\r\r\n" is what a file of Windows becomes when it is copied as text once more.
    while (at + 1 < text.size() && text[at + 1] == '\r') ++at;
    if (at + 1 < text.size() && text[at + 1] == '\n') ++at;
    out += '\n';
  }
  return out;
}

// Returns what stands for a character that is not ASCII: a blank for one of the kinds of blank, 0
// for one without width, else the character.
std::uint32_t simplified(std::uint32_t c) {
  const bool blank = c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
  if (blank) return ' ';
  if (c == 0x2028 || c == 0x2029 || c == 0x85) return '\n';
  const bool without_width = c == 0xFEFF || c == 0x200B || c == 0xAD || c == 0x2060;
  return without_width ? 0 : c;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & '\x80') == 0; });
}

std::string with_simple_blanks(std::string text) {
  if (is_ascii(text)) return text;
  if (utf8::find_invalid(text.begin(), text.end()) != text.end()) {
    std::replace(text.begin(), text.end(), '\xa0', ' ');  // Latin-1
    return text;
  }
  std::string out;
  out.reserve(text.size());
  for (auto at = text.begin(); at != text.end();) {
    const auto c = simplified(utf8::unchecked::next(at));
    if (c != 0) utf8::append(c, std::back_inserter(out));
  }
  return out;
}

bool has_any_of(std::string_view text, std::string_view characters) {
  return text.find_first_of(characters) != std::string_view::npos;
}

}  // namespace

std::string plain_text(std::string_view bytes) {
  auto text = with_simple_blanks(decoded(bytes));
  if (has_any_of(text, "\x1b\b")) text = without_terminal(text);
  if (has_any_of(text, "\r")) text = with_unix_line_ends(text);
  return text;
}

}  // namespace ballast::offline
