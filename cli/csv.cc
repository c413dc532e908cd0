#include "cli/csv.h"

#include <string>

#include "base/text.h"

namespace ballast::cli {

namespace {

constexpr std::size_t kMaxFieldBytes = 32767;  // what a spreadsheet takes in one cell

// Tabs and line ends are escaped before it comes to this, so they cannot start a formula.
bool looks_like_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos;
}

}  // namespace

void CsvWriter::separate() {
  if (!first_) out_ << ',';
  first_ = false;
}

void CsvWriter::text(std::string_view value) {
  separate();
  std::string safe = printable(value, kMaxFieldBytes);
  if (looks_like_formula(safe)) safe.insert(0, 1, '\'');
  if (safe.find_first_of(",\"") == std::string::npos) {
    out_ << safe;
    return;
  }
  out_ << '"';
  for (const char c : safe) {
    if (c == '"') out_ << '"';
    out_ << c;
  }
  out_ << '"';
}

void CsvWriter::number(std::optional<std::int64_t> value) {
  separate();
  if (value) out_ << *value;
}

void CsvWriter::end_record() {
  out_ << "\r\n";
  first_ = true;
}

}  // namespace ballast::cli
