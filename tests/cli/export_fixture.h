// A small database with hostile names, `ballast export` on it, and readers of what it writes.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/context.h"
#include "tests/cli/samples.h"
#include "tests/storage/rollup_fixtures.h"

namespace ballast::cli {

// Names that break a careless writer or reader, or that a spreadsheet would run.
[[nodiscard]] const std::vector<std::string>& hostile_names();

using Cells = std::vector<std::string>;

// The records of a file after RFC 4180: fields in quotes or without any, records end in CRLF, each
// as long as the first. A test failure where it is anything else.
[[nodiscard]] std::vector<Cells> parse_csv(const std::string& text);
// The cells below a header.
[[nodiscard]] Cells column(const std::vector<Cells>& records, const std::string& name);

class ExportFixture : public testing::Test {
 protected:
  // One vCenter, scans every 20 min from midnight (a Thursday, 2026-09-24) to 01:00 and one a day
  // later, so that the hour and the day are built: hostile names on hosts that are hostile too.
  void write_fleet();

  // `ballast export --db … arguments`.
  int run(std::vector<std::string> arguments);
  [[nodiscard]] std::string out() const { return terminal_.out(); }
  [[nodiscard]] std::string err() const { return terminal_.err(); }
  // Standard output of a run that has to succeed; in a terminal of its own.
  [[nodiscard]] std::string exported(const std::vector<std::string>& arguments) const;
  [[nodiscard]] std::string path(const std::string& name) const { return dir_.path(name); }

  storage::TempDir dir_;
  CapturedTerminal terminal_;
};

}  // namespace ballast::cli
