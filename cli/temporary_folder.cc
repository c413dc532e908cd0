#include "cli/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace ballast::cli {

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  std::string path = (parent / "ballast-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::kStorage,
                fmt::format("cannot make a temporary folder: {}",
                            error ? error.message() : std::strerror(errno)),
                "set TMPDIR to a folder that can be written, or give a database with --db");
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

}  // namespace ballast::cli
