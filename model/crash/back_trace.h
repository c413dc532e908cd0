// Reads `bt` of any number of tasks, line by line.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "model/crash/text.h"

namespace ballast::model {

// Takes crash's own forms (`PID: 1 TASK: … COMMAND: "x"`, `#0 [stack] function at text [module]`)
// and, below a header or frame, frames as people paste them (`function+0x1/0x2 [module]`). A trace
// ends at the next header, a new `#0` or a prompt. Keeps the innermost 256 frames of a trace and
// 4096 traces; a balloon's trace is kept even then, in the place of the last one.
class BackTraceReader {
 public:
  // Whether the line belonged to a trace.
  bool read(std::string_view line);
  void end_trace();
  // The command of the header whose trace is being read, "" outside one.
  [[nodiscard]] std::string_view command() const;
  // Ends the last trace. The reader is empty after it.
  [[nodiscard]] std::vector<BackTrace> take();

 private:
  bool read_frame(std::string_view line);

  std::vector<BackTrace> traces_;
  std::optional<BackTrace> open_;
};

// Whether the line is certainly crash's: a task's header, or a frame with its number and stack.
[[nodiscard]] bool is_crash_trace_line(std::string_view line);

}  // namespace ballast::model
