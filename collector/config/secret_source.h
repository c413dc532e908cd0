// Where a password comes from. It is fetched when it is needed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace ballast::collector {

struct SecretSource {
  enum class Kind { kNone, kFile, kEnvironment, kCommand, kGiven };
  Kind kind = Kind::kNone;
  std::string value;  // path, variable name or shell command
  // Environment variables that hold other passwords: the command must not see them.
  std::vector<std::string> hidden = {};
  Secret given = {};  // kGiven: the secret itself; typed, for one scan
};

// Reads the secret: the first line of the file or of what the command prints, or the variable's
// value. Blocks; a command for at most 30 s. A file that users other than its owner and group may
// read is refused. A command gets the environment without the hidden variables, and no signal is
// blocked or ignored in it. Errors: kConfig; they name the source, never what it holds.
[[nodiscard]] Result<Secret> read_secret(const SecretSource& source);

// Returns when the file of the secret was changed, or put in its place; nullopt where the secret is
// in none, or nobody can tell.
[[nodiscard]] std::optional<UtcTime> changed_at(const SecretSource& source);

}  // namespace ballast::collector
