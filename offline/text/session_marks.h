// The lines of a session that are of no text: prompts, headings, marks of people and of pagers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ballast::offline {

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
