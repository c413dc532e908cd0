// The doctor's findings in words and in JSON. Pure.
#pragma once

#include <ostream>
#include <vector>

#include "cli/doctor/checks.h"
#include "output/terminal.h"

namespace ballast::cli {

void print_checks(const std::vector<Check>& checks, const output::StreamTraits& traits,
                  std::ostream& out);

// "ballast.doctor/1"
void print_checks_json(const std::vector<Check>& checks, std::ostream& out);

}  // namespace ballast::cli
