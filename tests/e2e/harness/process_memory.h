// Looks for text in the memory of a process that runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ballast::e2e {

struct MemoryPlace {
  std::string region;   // a line of /proc/<pid>/maps
  std::string context;  // the text with some bytes around it; what cannot be printed is "."
};

// Whether this user may at all.
bool memory_can_be_read(int pid);

// Every place where `text` stands in writable memory. Throws std::runtime_error if it may not be
// read.
std::vector<MemoryPlace> find_in_memory(int pid, std::string_view text);

}  // namespace ballast::e2e
