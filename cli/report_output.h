// A report in words, in JSON and in CSV. Nothing here asks the time or the store.
#pragma once

#include <ostream>
#include <string>

#include "cli/report.h"
#include "cli/terminal.h"

namespace ballast::cli {

// The answer in one sentence: how many guests hold how much in balloons, matched in the guest.
[[nodiscard]] std::string headline(const Report& report);

// Which logins are suspended and how many guests were not tried for that; "" if none is.
[[nodiscard]] std::string suspended_logins(const Report& report);

// "Since 2026-11-16 13:04 UTC: 3 new balloons, 1 gone VM."
[[nodiscard]] std::string changes_headline(const Changes& changes);

// "vCenter lab: compared with the scan of …", or why there is nothing to compare. Names went
// through printable().
[[nodiscard]] std::string comparison_note(const ScanComparison& scans, UtcTime since);

// For people: the list of guests, or what changed if report.changes is set. Fits traits.width;
// without a width (piped) nothing is cut or folded.
void print_report_table(const Report& report, const StreamTraits& traits, std::ostream& out);

// "ballast.report/1": one object; one guest a line. ASCII only, so safe on any terminal.
void print_report_json(const Report& report, std::ostream& out);

// One record a guest, or one a change if report.changes is set; see report_csv.cc for the columns.
void print_report_csv(const Report& report, std::ostream& out);

}  // namespace ballast::cli
