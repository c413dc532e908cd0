// An inspection as `ballast inspect` prints it, in any format. Nothing here reads files.
#pragma once

#include <ostream>

#include "cli/inspection.h"
#include "cli/terminal.h"

namespace ballast::cli {

// For people. Fits traits.width; without a width (piped) nothing is cut or folded.
void print_inspection_table(const Inspection& inspection, const StreamTraits& traits,
                            std::ostream& out);

// "ballast.inspect/1": the newest sample at the top, all of them in `series`. ASCII only.
void print_inspection_json(const Inspection& inspection, std::ostream& out);

// One record a sample, oldest first; see inspect_csv.cc for the columns.
void print_inspection_csv(const Inspection& inspection, std::ostream& out);

}  // namespace ballast::cli
