// Comma-separated values after RFC 4180, safe to open in a spreadsheet and to print on a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>

namespace ballast::cli {

// Writes record by record: text() and number() for each field in order, then end_record().
class CsvWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}

  // Any bytes: control characters and invalid UTF-8 are escaped as printable() does, so a record is
  // always one line. Text that a spreadsheet would take for a formula (it starts with = + - @) gets
  // an apostrophe in front.
  void text(std::string_view value);
  // Empty where there is no value.
  void number(std::optional<std::int64_t> value);
  void end_record();

 private:
  void separate();

  std::ostream& out_;
  bool first_ = true;
};

}  // namespace ballast::cli
