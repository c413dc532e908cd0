// Files that ballast obeys or believes: its configuration, passwords, certificate authorities.
#pragma once

#include <string>

#include "base/result.h"

namespace ballast {

struct TrustedFile {
  std::string what;  // for messages: "the configuration file"
  std::string path;
  bool is_secret = false;
  std::string if_missing = "check the path";  // the hint then
};

// Returns all that is in the file. It is opened once, and what was opened is judged: a regular file
// of at most 1 MiB, of this user or of root, which nobody else may change and, of a secret, which
// its group alone may read beside its owner. A pipe or a device is refused and never waited for.
// Nothing of a secret is left in memory but what is returned. Errors: kConfig, without a word of
// what the file holds.
[[nodiscard]] Result<std::string> read_trusted_file(const TrustedFile& file);

// Says whether read_trusted_file() would read it. Errors: as that.
[[nodiscard]] Status check_trusted_file(const TrustedFile& file);

}  // namespace ballast
