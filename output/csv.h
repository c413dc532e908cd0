// Comma-separated values after RFC 4180, safe to open in a spreadsheet and to print on a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ballast::output {

// Writes record by record: one call for each field in order, then end_record(). Large amounts go
// through a buffer; the rest of it reaches the stream when the writer ends.
class CsvWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}
  ~CsvWriter() { flush(); }
  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;

  // Any bytes: control characters and invalid UTF-8 are escaped as printable() does, so a record is
  // always one line. Text that a spreadsheet would take for a formula (it starts with = + - @, or
  // with their full-width forms) gets an apostrophe in front.
  void text(std::string_view value);
  // Empty where there is no value, like the next two.
  void number(std::optional<std::int64_t> value);
  void decimal(std::optional<double> value, int places);
  void time(std::optional<UtcTime> value);
  void end_record();

  void flush();
  // Whether the stream took everything so far.
  [[nodiscard]] bool good() const { return out_.good(); }

 private:
  void separate();
  void unusual_text(std::string_view value);

  std::ostream& out_;
  std::string buffer_;
  bool first_ = true;
  // Times of a file mostly are of the same day.
  std::optional<std::chrono::sys_days> day_;
  std::string day_text_;
};

}  // namespace ballast::output
