// A terminal that keeps what is written to it.
#pragma once

#include <string>
#include <vector>

namespace ballast::e2e {

// Once this is on the screen, that is typed.
struct Answer {
  std::string prompt;
  std::string typed;
};

// Runs ballast with a terminal of 120 columns as its stdin, stdout and stderr, and gives all that it
// wrote there.
std::string run_on_terminal(const std::vector<std::string>& arguments,
                            const std::vector<Answer>& answers = {});

}  // namespace ballast::e2e
