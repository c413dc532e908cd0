// Takes a pasted session apart: one text in which several commands printed, and people wrote.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "offline/texts.h"

namespace ballast::offline {

// What one command printed, or what one file held.
struct Piece {
  TextKind kind{};
  std::string text;     // as the file or command printed it
  std::string path;     // below the root; of kGuestFile, else ""
  std::string command;  // what printed it, if there was a prompt or a heading; else ""
  std::string moment;   // the name of the moment that a heading told, "" if none did
  std::size_t first_line = 0;
  // Why the piece cannot be used; names the line that is wrong.
  std::optional<Error> refusal;
};

struct Session {
  std::vector<Piece> pieces;  // in their order
  // Sentences: what was left out, and what had to be assumed.
  std::vector<std::string> notes;
};

// Takes a text apart by what its lines are; prompts and headings help. What people's programs put
// around the lines was not there (plain_text.h, pasted_lines.h). A text of one file is one piece. A
// piece with a strange line in its middle, or one that was cut, is refused as a whole: a field that
// is missing would be memory that is missing.
[[nodiscard]] Session take_apart(std::string_view bytes);

}  // namespace ballast::offline
