// A place for what a command needs only while it runs.
#pragma once

#include <string>

#include "base/result.h"

namespace ballast::cli {

// A folder for this user alone, in $TMPDIR or /tmp; it goes with the object, with all that is in
// it. A process that is killed leaves it behind.
class TemporaryFolder {
 public:
  // Errors: kStorage.
  [[nodiscard]] static Result<TemporaryFolder> make();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;  // "": moved away
};

}  // namespace ballast::cli
