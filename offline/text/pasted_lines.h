// The lines of a pasted text without what a mail, a log or an editor put in front of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::offline {

struct PastedLine {
  std::string_view text;   // a view into the text; blanks at the front stay, those behind do not
  std::size_t number = 0;  // in the text, from 1 on
  bool from_kernel_log = false;  // it had "[  174.062364]" in front
};

// Returns the lines of `plain` (see plain_text()), without
//   - marks of quotation: "> > ";
//   - numbers of lines, as `cat -n` and `grep -n` print them, where five or more follow on;
//   - bullets and the bars of a table around fields of meminfo;
//   - what syslog, journalctl or `ts` put there: a time, a host, a program's name.
[[nodiscard]] std::vector<PastedLine> pasted_lines(std::string_view plain);

}  // namespace ballast::offline
