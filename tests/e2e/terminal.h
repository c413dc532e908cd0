// A terminal that keeps what is written to it.
#pragma once

#include <string>
#include <vector>

namespace ballast::e2e {

// Runs ballast with a terminal of 120 columns as its stdout and stderr, and gives all that it wrote
// there.
std::string run_on_terminal(const std::vector<std::string>& arguments);

}  // namespace ballast::e2e
