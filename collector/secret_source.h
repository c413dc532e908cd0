// Where a password comes from, and how it is fetched when it is needed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace ballast::collector {

struct SecretSource {
  enum class Kind { kNone, kFile, kEnvironment, kCommand };
  Kind kind = Kind::kNone;
  std::string value;  // path, variable name or shell command
  // Variables that hold secrets of other places: not for the command.
  std::vector<std::string> hidden = {};
};

// Reads the secret: the file's or the command's first line, or the variable's value. Blocking, at
// most 30 s (the command). A file that users other than its owner and group may read is refused. A
// command gets the environment without the hidden variables, and no blocked or ignored signals.
// Errors: kConfig; they name the source, never what it holds.
[[nodiscard]] Result<Secret> read_secret(const SecretSource& source);

}  // namespace ballast::collector
