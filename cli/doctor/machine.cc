#include "cli/doctor/machine.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/trusted_file.h"
#include "base/units.h"
#include "base/words.h"
#include "storage/database_file.h"

namespace ballast::cli {

namespace {

constexpr std::int64_t kLeastFreeKib = kKibPerGib;

std::optional<struct stat> stat_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

std::string folder_of(const std::string& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::weakly_canonical(path, ignored);
  const auto folder = (ignored ? std::filesystem::path(path) : whole).parent_path().string();
  return folder.empty() ? "." : folder;
}

void fail_check(Check& check, std::string detail, std::string hint) {
  check.state = CheckState::kFailed;
  check.detail = std::move(detail);
  check.hint = std::move(hint);
}

// nullopt if the file is as one with a secret has to be.
std::optional<Check> fault_of_password_file(const std::string& path) {
  const auto checked = check_trusted_file({"the password file", path, true});
  if (checked) return std::nullopt;
  return Check{"configuration", "password file", CheckState::kFailed, checked.error().message,
               checked.error().hint};
}

std::set<std::string> password_files(const collector::Config& config) {
  std::set<std::string> files;
  const auto note = [&](const collector::SecretSource& source) {
    if (source.kind == collector::SecretSource::Kind::kFile) files.insert(source.value);
  };
  for (const auto& vcenter : config.vcenters) {
    note(vcenter.password);
    note(vcenter.token);
    if (!vcenter.client_key_file.empty()) files.insert(vcenter.client_key_file);
  }
  for (const auto& rule : config.guest.rules) note(rule.password);
  return files;
}

// A file that is gone once it is closed; negative with errno when there cannot be one.
int open_unnamed(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  const bool unsupported = fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT);
  if (!unsupported) return fd;
  const auto name = fmt::format("{}/.ballast-doctor-{}", folder, ::getpid());
  const int named = ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

// 0, or the errno of what failed.
int try_to_write(const std::string& folder) {
  const int fd = open_unnamed(folder);
  if (fd < 0) return errno;
  const std::array<char, 4096> block{};
  const ssize_t written = ::write(fd, block.data(), block.size());
  const int error = written < 0 ? errno : 0;
  ::close(fd);
  if (error != 0) return error;
  return written == std::ssize(block) ? 0 : ENOSPC;
}

std::string what_to_do(int error, const std::string& folder) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space, or set path in [storage] to a file elsewhere";
    case EROFS:
      return "mount it writable, or set path in [storage] to a file elsewhere";
    case ENOENT:
    case ENOTDIR:
      return fmt::format("mkdir {} and give it to the user that scans", folder);
    default:
      return fmt::format("give {} to the user that scans: chown, chmod u+rwx", folder);
  }
}

}  // namespace

Check check_configuration(const std::string& path, const collector::Config& config) {
  Check check{"configuration", "file"};
  check.detail = fmt::format("{}: {}, {}", path, counted(std::ssize(config.vcenters), "vCenter"),
                             counted(std::ssize(config.guest.rules), "guest login"));
  return check;
}

std::vector<Check> check_password_files(const collector::Config& config) {
  const auto files = password_files(config);
  std::vector<Check> checks;
  for (const auto& file : files) {
    if (auto fault = fault_of_password_file(file)) checks.push_back(std::move(*fault));
  }
  if (checks.empty() && !files.empty()) {
    checks.push_back(
        {"configuration", "password files", CheckState::kOk,
         fmt::format("{}, closed to other users", counted(std::ssize(files), "file"))});
  }
  return checks;
}

Check check_store(const std::string& path) {
  Check check{"database", "integrity"};
  const auto health = storage::check_database(path);
  if (!health && health.error().code == ErrorCode::kNotFound) {
    check.detail = fmt::format("{} does not exist yet; the first scan creates it", path);
  } else if (!health) {
    fail_check(check, health.error().message, health.error().hint);
  } else if (!health->ok) {
    fail_check(check, fmt::format("{}: {}", path, fmt::join(health->problems, "; ")), health->hint);
  } else {
    check.detail =
        fmt::format("{}: {} in {}, schema version {}", path, counted(health->scans, "scan"),
                    format_size(kib_from_bytes(health->file_bytes)), health->schema_version);
  }
  return check;
}

Check check_writing(const std::string& path) {
  Check check{"database", "writing"};
  const auto folder = folder_of(path);
  if (const int error = try_to_write(folder)) {
    fail_check(check, fmt::format("{} cannot be written: {}", folder, std::strerror(error)),
               what_to_do(error, folder));
  } else if (stat_of(path) && ::access(path.c_str(), W_OK) != 0) {
    fail_check(check, fmt::format("{} cannot be written: {}", path, std::strerror(errno)),
               "give the file to the user that scans: chown, chmod u+rw");
  } else {
    check.detail = fmt::format("{} can be written", folder);
  }
  return check;
}

Check check_space(const std::string& path) {
  struct statvfs space {};
  const auto folder = folder_of(path);
  if (::statvfs(folder.c_str(), &space) != 0) {
    Check check{"database", "disk space"};
    fail_check(check, fmt::format("{}: {}", folder, std::strerror(errno)),
               what_to_do(errno, folder));
    return check;
  }
  const auto free = static_cast<std::int64_t>(space.f_bavail) *
                    (static_cast<std::int64_t>(space.f_frsize) / 1024);
  const auto info = stat_of(path);
  return judge_space(free, info ? kib_from_bytes(info->st_size) : 0);
}

Check judge_space(std::int64_t free_kib, std::int64_t database_kib) {
  Check check{"database", "disk space"};
  check.detail = format_size(free_kib) + " free";
  if (free_kib >= std::max(kLeastFreeKib, database_kib)) return check;
  check.state = free_kib > 0 ? CheckState::kWarning : CheckState::kFailed;
  if (free_kib >= kLeastFreeKib) {
    check.detail += fmt::format(", less than the database's own {}", format_size(database_kib));
  }
  check.hint = "free some space, or keep less: keep_raw in [storage], then ballast db prune";
  return check;
}

}  // namespace ballast::cli
