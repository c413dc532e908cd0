// What a text is, told by its single lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offline/texts.h"

namespace ballast::offline {

// Returns the kind of text that `line` (trimmed) can begin; empty if it begins none. A kind is told
// by what only that text has: a line of zoneinfo's body begins nothing.
[[nodiscard]] std::optional<TextKind> kind_begun_by(std::string_view line);

// Tells whether `line` can follow in a text of `kind`. It is generous: whether the line is right is
// for the kind's own parser to say.
[[nodiscard]] bool goes_on(TextKind kind, std::string_view line);

// Returns the command in a line with a shell's prompt ("[root@web17 ~]# cat /proc/meminfo"), "" for
// a prompt without one; empty if the line has no prompt. Commands that people type to collect are
// known without a prompt, too.
[[nodiscard]] std::optional<std::string> shell_command(std::string_view line);

// Returns the path below the root that a line names: "==> /proc/meminfo <==", "/proc/meminfo:"; ""
// if it is another line.
[[nodiscard]] std::string path_in_heading(std::string_view line);

// Returns the file of /proc or /sys that a command prints, as a path below the root; "" if none.
[[nodiscard]] std::string path_in_command(std::string_view command);

// Returns what follows "zzz ***" or "zzz " in a heading of OSWatcher or ExaWatcher, which names a
// moment; "" if it is another line.
[[nodiscard]] std::string_view moment_in_heading(std::string_view line);

// Tells whether the line stands for lines that somebody left out: "...", "[snip]".
[[nodiscard]] bool is_cut_mark(std::string_view line);

// Tells whether a pager waited here: "--More--(45%)".
[[nodiscard]] bool is_pager_mark(std::string_view line);

// Tells whether the line is a mark of formatting: "```", "{code}", "<pre>".
[[nodiscard]] bool is_fence(std::string_view line);

}  // namespace ballast::offline
