// Asks whoever sits at the terminal, whatever the process's standard streams are.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace ballast::cli {

// Both write `prompt` to the process's terminal and read a line. SIGINT, SIGTERM and SIGHUP end
// them, with the terminal as it was. Main thread. Errors: kNotFound without a terminal; kCancelled;
// kInvalidArgument for a line that is too long.

// Returns what was typed, which may be "".
[[nodiscard]] Result<std::string> ask(const std::string& prompt);
// The same for a secret: it is not shown while it is typed. Errors: also kInvalidArgument for an
// empty line.
[[nodiscard]] Result<Secret> ask_password(const std::string& prompt);

}  // namespace ballast::cli
