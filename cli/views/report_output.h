// A report in words, in JSON and in CSV. Nothing here asks the time or the store.
#pragma once

#include <ostream>
#include <string>

#include "fleet/report.h"
#include "output/terminal.h"

namespace ballast::cli {

// For people: the list of guests, or what changed if report.changes is set. Fits traits.width;
// without a width (piped) nothing is cut or folded.
void print_report_table(const fleet::Report& report, const output::StreamTraits& traits,
                        std::ostream& out);

// "ballast.report/1": one object; one guest a line. ASCII only, so safe on any terminal.
void print_report_json(const fleet::Report& report, std::ostream& out);

// One record a guest, or one a change if report.changes is set; see report_csv.cc for the columns.
void print_report_csv(const fleet::Report& report, std::ostream& out);

}  // namespace ballast::cli
