// Where a password, a token or a key comes from. It is fetched when it is needed.
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

// What a secret looks like.
enum class SecretForm {
  kPassword,  // one line, 4 KiB at most; what follows it is left out
  kToken,     // a text of several lines, 256 KiB at most
  kKey,       // likewise, 64 KiB
};

// Reads the secret from the file, from what the command prints, or from the variable. Blocks; a
// command for at most 30 s. A file is read as base/trusted_file.h says, as a secret. A
// command gets the environment without the hidden variables, and no signal is blocked or ignored in
// it. Errors: kConfig; they name the source, never what it holds.
[[nodiscard]] Result<Secret> read_secret(const SecretSource& source,
                                         SecretForm form = SecretForm::kPassword);

// Returns when the file of the secret was changed, or put in its place; nullopt where the secret is
// in none, or nobody can tell.
[[nodiscard]] std::optional<UtcTime> changed_at(const SecretSource& source);

}  // namespace ballast::collector
