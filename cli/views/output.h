// How a command's answer reaches standard output: commands make values, an Output writes them in
// the format that the user asked for. Nothing here asks the time, the store or a file.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/doctor/checks.h"
#include "collector/scan.h"
#include "fleet/inspection/inspection.h"
#include "fleet/report.h"
#include "fleet/vm_history.h"
#include "output/terminal.h"
#include "storage/queries.h"

namespace ballast::cli {

// Text fits the width of a terminal; piped, nothing is cut or folded. JSON is one document with its
// "schema", ASCII only and so safe on any terminal. CSV is RFC 4180 with a header.
class Output {
 public:
  virtual ~Output() = default;

  // Tells whether people read it, so that what is said in it need not be said on stderr as well.
  [[nodiscard]] virtual bool is_for_people() const { return false; }

  // Writes the listed guests, or what changed if report.changes is set.
  virtual void report(const fleet::Report& report) = 0;
  // Writes one VM in full; CSV: one record for each scan in its history, oldest first.
  virtual void vm(const fleet::VmReport& report) = 0;
  // Writes what files come to: the newest sample in full, and the series.
  virtual void inspection(const fleet::Inspection& inspection) = 0;

  // The next three have no CSV, and their commands do not offer it: to ask for it is a programming
  // error (std::logic_error).

  // Writes what scans came to, and where their results are.
  virtual void scans(const std::vector<collector::ScanSummary>& scans,
                     const std::string& database) = 0;
  // Writes the doctor's findings.
  virtual void checks(const std::vector<Check>& checks) = 0;
  // Writes what a database holds.
  virtual void extent(const std::string& path, const storage::StoreExtent& extent) = 0;
};

// Returns the output of a format to a stream, which must outlive it.
[[nodiscard]] std::unique_ptr<Output> make_output(Format format, const output::StreamTraits& traits,
                                                  std::ostream& out);
// The same for the terminal's standard output.
[[nodiscard]] std::unique_ptr<Output> make_output(Format format, output::Terminal& terminal);

}  // namespace ballast::cli
