// Small helpers for text that comes from outside.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

// Makes text from a guest or server safe to show and to log: control characters (C0, DEL, C1 and
// the Unicode bidirectional controls) and bytes that are not UTF-8 become "\xNN" or U+FFFD; at most
// `max_bytes` are kept, then "…". Names are stored as they came and made safe where they are shown.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 1024);

// Lines without their "\n" (and "\r"); a last line without a newline counts.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

[[nodiscard]] std::string_view trim(std::string_view text);

// Shell pattern match (*, ?, [..]) of the whole of `text`, ignoring case as vCenter names do.
[[nodiscard]] bool glob_match(const std::string& pattern, const std::string& text);

// Columns `text` takes on a terminal: wide characters two, combining ones none. Expects UTF-8 that
// went through printable().
[[nodiscard]] std::size_t display_width(std::string_view text);

// Cuts `text` to at most `columns` columns, the last being "…" if something was cut.
[[nodiscard]] std::string elide(std::string_view text, std::size_t columns);

}  // namespace ballast
