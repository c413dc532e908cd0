// From the bytes of a file to plain text: what an editor, a terminal or a mail did to the encoding.
#pragma once

#include <string>
#include <string_view>

namespace ballast::offline {

// Returns the text of `bytes` as UTF-8 with "\n" at line ends: UTF-16 in both orders, with or
// without a byte order mark; CRLF and lone CR; escape sequences of terminals, backspaces, and the
// blanks that word processors put between digits. Other control characters stay, so that a line
// with one in it is refused rather than read as something else.
[[nodiscard]] std::string plain_text(std::string_view bytes);

}  // namespace ballast::offline
