// Back traces: reads what `bt` of crash prints of any number of tasks, line by line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::model {

// One line of a back trace, e.g. {"Balloon_QueryAndExecute", "vmmemctl"}.
struct StackFrame {
  std::string function;
  std::string module;  // "" for the kernel itself
};

// The back trace of one task.
struct BackTrace {
  std::optional<std::int64_t> pid;
  std::string command;             // as it came: make it printable where it is shown
  std::vector<StackFrame> frames;  // the innermost first

  // Tells whether this is the balloon driver's thread, or a worker that runs it: by its command, or
  // by a frame of a module that find_balloon_module() knows.
  [[nodiscard]] bool is_balloon() const;
  // Tells whether the driver has called the page allocator, directly or not. In other threads than
  // the driver's own that needs a frame with the driver's module: false where crash did not load
  // its symbols.
  [[nodiscard]] bool allocating() const;
  // Tells whether the allocator that the driver called has to reclaim memory itself. As
  // allocating().
  [[nodiscard]] bool in_direct_reclaim() const;
};

// Reads traces in crash's own form (`PID: 1 TASK: … COMMAND: "x"`, `#0 [stack] function at text
// [module]`) and, below a header or a frame, frames as people paste them (`function+0x1/0x2
// [module]`). A trace ends at the next header, at a new `#0`, or at a prompt. Keeps the innermost
// 256 frames of a trace, and 4096 traces; a trace of the balloon that comes later replaces the
// last.
class BackTraceReader {
 public:
  // Reads the next line. Returns true if it belonged to a trace.
  bool read(std::string_view line);
  // Ends the trace that is being read, as a prompt does.
  void end_trace();
  // Returns the command of the header whose trace is being read, "" outside of one.
  [[nodiscard]] std::string_view command() const;
  // Ends the last trace and returns all. The reader is empty after it.
  [[nodiscard]] std::vector<BackTrace> take();

 private:
  bool read_frame(std::string_view line);

  std::vector<BackTrace> traces_;
  std::optional<BackTrace> open_;
};

// Tells whether the line certainly is crash's: a task's header, or a frame with number and stack.
[[nodiscard]] bool is_crash_trace_line(std::string_view line);

}  // namespace ballast::model
