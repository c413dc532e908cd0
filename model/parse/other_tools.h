// What other tools show of a guest's memory: free, top, sar, atop in the guest; esxtop and RVTools
// on the side of the hypervisor. None of them has all the counters that an account needs. They give
// bounds, and some of them the balloon's size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::model {

struct ToolFigures {
  std::string tool;  // "free", "top", "sar -r", "atop", "esxtop", "RVTools"
  std::optional<std::int64_t> total_kib;
  // No more than this can be missing: what is neither free nor cache. It is rounded where the tool
  // rounds, and what processes and the kernel hold is inside.
  std::optional<std::int64_t> missing_at_most_kib;
  // False where the two figures are of a unit that nobody told, as free prints them: only their
  // ratio says something then.
  bool unit_known = true;
  // Balloons by the name of their VM; atop knows no name, its balloon's is "".
  struct Balloon {
    std::string vm;
    std::int64_t kib = 0;
  };
  std::vector<Balloon> balloons;  // at most 1000
};

// Tells whether `line` begins the output of one of these tools, and whether it can follow in one.
[[nodiscard]] bool begins_other_tool(std::string_view line);
[[nodiscard]] bool goes_on_other_tool(std::string_view line);

// Reads the output of one of these tools. `command` is what printed it, "" if that is not known:
// free's options are in no other place. What cannot be understood is left empty; the tool's name
// is "" if it is none of them.
[[nodiscard]] ToolFigures read_other_tool(std::string_view text, std::string_view command);

}  // namespace ballast::model
