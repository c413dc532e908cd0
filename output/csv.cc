#include "output/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/text.h"

namespace ballast::output {

namespace {

constexpr std::size_t kMaxFieldBytes = 32767;  // what a spreadsheet takes in one cell
constexpr std::size_t kBufferBytes = 1 << 16;

bool is_sign(char c) { return c == '=' || c == '+' || c == '-' || c == '@'; }

bool starts_with_formula(std::string_view text) {
  constexpr std::array<std::string_view, 4> kFullWidthSigns = {"＝", "＋", "－", "＠"};
  return (!text.empty() && is_sign(text.front())) ||
         std::any_of(kFullWidthSigns.begin(), kFullWidthSigns.end(),
                     [text](std::string_view sign) { return text.starts_with(sign); });
}

// What ends a cell for some program: Excel takes ";" where the comma is the decimal point, others
// guess "|". A quote may begin the cell that it stands in. Tabs and line ends, which separate as
// well, are escaped before it comes to this.
bool may_begin_cell(char before) {
  return before == ',' || before == ';' || before == '|' || before == '"';
}

// Puts an apostrophe before every sign that begins a formula where a cell may begin, blanks or not.
std::string without_formulas(std::string_view text) {
  std::string safe;
  bool at_begin = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at_begin && starts_with_formula(text.substr(at))) safe += '\'';
    safe += text[at];
    at_begin = may_begin_cell(text[at]) || (at_begin && text[at] == ' ');
  }
  return safe;
}

// The bytes that can stand anywhere in a field but at its begin as they are.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = ' '; c < 0x7f; ++c) {
    plain[c] = c != ',' && c != '"' && c != ';' && c != '|';
  }
  return plain;
}();

bool is_plain(std::string_view text) {
  if (text.empty()) return true;
  return text.size() <= kMaxFieldBytes && text.front() != ' ' && !is_sign(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
}

template <class... Value>
void append_number(std::string& to, Value... value) {
  std::array<char, 512> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value...).ptr;
  to.append(digits.data(), end);
}

void append_two_digits(std::string& to, std::int64_t value) {
  to += static_cast<char>('0' + value / 10);
  to += static_cast<char>('0' + value % 10);
}

}  // namespace

void CsvWriter::separate() {
  if (!first_) buffer_ += ',';
  first_ = false;
}

void CsvWriter::text(std::string_view value) {
  separate();
  if (is_plain(value)) {
    buffer_ += value;
  } else {
    unusual_text(value);
  }
}

void CsvWriter::unusual_text(std::string_view value) {
  const std::string safe = without_formulas(printable(value, kMaxFieldBytes));
  if (safe.find_first_of(",\"") == std::string::npos) {
    buffer_ += safe;
    return;
  }
  buffer_ += '"';
  for (const char c : safe) {
    if (c == '"') buffer_ += '"';
    buffer_ += c;
  }
  buffer_ += '"';
}

void CsvWriter::number(std::optional<std::int64_t> value) {
  separate();
  if (value) append_number(buffer_, *value);
}

void CsvWriter::decimal(std::optional<double> value, int places) {
  separate();
  if (value) append_number(buffer_, *value, std::chars_format::fixed, places);
}

void CsvWriter::time(std::optional<UtcTime> value) {
  separate();
  if (!value) return;
  const auto day = std::chrono::floor<std::chrono::days>(*value);
  if (day != day_) {
    day_ = day;
    day_text_ = format_iso8601(day);
    day_text_.resize(day_text_.find('T') + 1);
  }
  const std::chrono::hh_mm_ss clock(*value - day);
  buffer_ += day_text_;
  append_two_digits(buffer_, clock.hours().count());
  buffer_ += ':';
  append_two_digits(buffer_, clock.minutes().count());
  buffer_ += ':';
  append_two_digits(buffer_, clock.seconds().count());
  buffer_ += 'Z';
}

void CsvWriter::end_record() {
  buffer_ += "\r\n";
  first_ = true;
  if (buffer_.size() >= kBufferBytes) flush();
}

void CsvWriter::flush() {
  out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

}  // namespace ballast::output
