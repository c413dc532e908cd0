// What a text is, told by its single lines.
#pragma once

#include <optional>
#include <string_view>

#include "offline/texts.h"

namespace ballast::offline {

// Returns the kind of text that `line` (trimmed) can begin; empty if it begins none. A kind is told
// by what only that text has: a line of zoneinfo's body begins nothing.
[[nodiscard]] std::optional<TextKind> kind_begun_by(std::string_view line);

// Tells whether `line` can follow in a text of `kind`. It is generous: whether the line is right is
// for the kind's own parser to say.
[[nodiscard]] bool goes_on(TextKind kind, std::string_view line);

}  // namespace ballast::offline
