// Writes comma-separated values as RFC 4180 has them, safe to open in a spreadsheet and to print on
// a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ballast::output {

// Writes record by record: one call for each field in order, then end_record(). The text is
// buffered; flush() and the destructor hand the rest to the stream, which must outlive the writer.
// One thread at a time.
class CsvWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}
  ~CsvWriter() { flush(); }
  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;

  // Takes any bytes. Control characters and invalid UTF-8 are escaped as printable() does, so that
  // a record is always one line. Wherever a spreadsheet might begin a cell – at the begin, and after
  // each , ; | or quote, whatever it takes for the separator – what it would take for a formula
  // (= + - @ or their full-width forms, after blanks too) gets an apostrophe in front.
  void text(std::string_view value);
  // These leave the field empty where there is no value.
  void number(std::optional<std::int64_t> value);
  void decimal(std::optional<double> value, int places);
  void time(std::optional<UtcTime> value);  // "2026-11-23T13:05:00Z"
  void end_record();

  void flush();
  // Returns false once the stream has refused something.
  [[nodiscard]] bool good() const { return out_.good(); }

 private:
  void separate();
  void unusual_text(std::string_view value);

  std::ostream& out_;
  std::string buffer_;
  bool first_ = true;
  // Most times in a file are of the day before them: its text is made once.
  std::optional<std::chrono::sys_days> day_;
  std::string day_text_;
};

}  // namespace ballast::output
