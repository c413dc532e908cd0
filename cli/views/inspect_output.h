// An inspection as `ballast inspect` prints it, in any format. Nothing here reads files.
#pragma once

#include <ostream>

#include "fleet/inspection.h"
#include "output/terminal.h"

namespace ballast::cli {

// For people. Fits traits.width; without a width (piped) nothing is cut or folded.
void print_inspection_table(const fleet::Inspection& inspection, const output::StreamTraits& traits,
                            std::ostream& out);

// "ballast.inspect/1": the newest sample at the top, all of them in `series`. ASCII only.
void print_inspection_json(const fleet::Inspection& inspection, std::ostream& out);

// One record a sample, oldest first; see inspect_csv.cc for the columns.
void print_inspection_csv(const fleet::Inspection& inspection, std::ostream& out);

}  // namespace ballast::cli
