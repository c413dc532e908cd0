// Private to hub/: tells PostgreSQL's failures in a user's words.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ballast::hub {

// Returns the error "<doing> (hub <name>): <words> (SQLSTATE …)", whose code follows from the
// SQLSTATE; `words` are PostgreSQL's, `detail` its second line or "".
[[nodiscard]] Error server_error(std::string_view doing, std::string_view name,
                                 std::string_view sqlstate, std::string_view words,
                                 std::string_view detail);
// Returns the error for a connection that could not be made, or broke; libpq's words decide its
// code, as it has nothing else.
[[nodiscard]] Error connection_error(std::string_view doing, std::string_view name,
                                     std::string_view words);
// Returns an error that has no SQLSTATE.
[[nodiscard]] Error hub_error(ErrorCode code, std::string_view doing, std::string_view name,
                              std::string_view words, std::string_view hint = {});

}  // namespace ballast::hub
