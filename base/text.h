// Small helpers for text, most of which comes from outside.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

// Makes text from a guest or a server safe to show and to log: control characters (C0, DEL, C1 and
// the Unicode bidirectional controls) become "\xNN", bytes that are not UTF-8 become U+FFFD. Keeps
// at most `max_bytes`, then "…". Names are stored as they came and made safe where they are shown.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 1024);

// Returns the lines of `text` without their "\n" (and "\r"), as views into it. A last line without
// a newline counts.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

// Returns `text` without the blanks at both ends, as a view into it.
[[nodiscard]] std::string_view trim(std::string_view text);

// Tells whether a shell pattern (*, ?, [..]) matches the whole of `text`. Case is ignored, as
// vCenter ignores it in names.
[[nodiscard]] bool glob_match(const std::string& pattern, const std::string& text);

// Returns how many columns `text` takes on a terminal: two for a wide character, none for a
// combining one. The text must have gone through printable().
[[nodiscard]] std::size_t display_width(std::string_view text);

// Cuts `text` to at most `columns` columns. Where something was cut the last one is "…".
[[nodiscard]] std::string elide(std::string_view text, std::size_t columns);

}  // namespace ballast
