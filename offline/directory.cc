#include "offline/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "offline/archive_links.h"
#include "offline/supportconfig.h"

namespace ballast::offline {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFolders = 1000;  // entries looked at in one folder
// The file of SUSE's supportconfig that holds meminfo.
constexpr std::string_view kSupportconfig = "memory.txt";

class File {
 public:
  // O_NONBLOCK: a pipe in the folder must not make us wait for its writer.
  explicit File(const fs::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] bool is_regular() const {
    struct stat info {};
    return ::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode);
  }
  // Reads as read(2) does, and goes on after a signal.
  ssize_t read(void* buffer, std::size_t bytes) const {
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer, bytes);
    } while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  int fd_;
};

ErrorCode code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::kNotFound;
  return error == EACCES || error == EPERM ? ErrorCode::kPermission : ErrorCode::kUnreachable;
}

tl::unexpected<Error> cannot_read(const fs::path& path, int error) {
  return fail(code_of(error), fmt::format("reading {}: {}", printable(path.string()),
                                          std::system_category().message(error)));
}

bool has_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::int64_t kib_of(std::size_t bytes) { return kib_from_bytes(static_cast<std::int64_t>(bytes)); }

// Reads until nothing more comes: the size that a file of /proc claims is 0.
Result<std::string> read_up_to(const fs::path& path, std::size_t bytes) {
  const File file(path);
  if (!file.is_open()) return cannot_read(path, errno);
  if (!file.is_regular()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is neither a file nor a folder", printable(path.string())));
  }
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() < bytes) {
    const auto got = file.read(buffer.data(), std::min(buffer.size(), bytes - text.size()));
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// Reads the files of one guest below `base`. `prefix` ("proc/" or "") is where `base` itself is in
// the guest.
class FolderReader {
 public:
  FolderReader(fs::path base, std::string prefix)
      : base_(std::move(base)), prefix_(std::move(prefix)) {}

  GuestFiles read() {
    for (const auto& pattern : wanted_patterns()) {
      if (pattern.starts_with(prefix_))
        expand({}, std::string_view(pattern).substr(prefix_.size()));
    }
    return std::move(found_);
  }

 private:
  void expand(const std::string& done, std::string_view rest);
  void take(const std::string& path);
  bool learn_link(const std::string& path);
  std::string through_placeholders(const std::string& path);

  fs::path base_;
  ArchiveLinks placeholders_;
  std::string prefix_;
  std::size_t bytes_ = 0;
  GuestFiles found_;
};

// Follows a pattern component by component; `done` has no wildcard left and ends in "/" or is "".
void FolderReader::expand(const std::string& done, std::string_view rest) {
  const auto slash = rest.find('/');
  const auto component = std::string(rest.substr(0, slash));
  const auto go_on = [&](const std::string& name) {
    if (slash == std::string_view::npos) return take(done + name);
    expand(done + name + "/", rest.substr(slash + 1));
  };
  if (component.find('*') == std::string::npos) return go_on(component);
  std::error_code error;
  fs::directory_iterator entries(base_ / done, error);
  std::vector<std::string> names;
  for (std::size_t seen = 0; !error && entries != fs::directory_iterator() && seen < kMaxFolders;
       entries.increment(error), ++seen) {
    auto name = entries->path().filename().string();
    if (glob_match(component, name)) names.push_back(std::move(name));
  }
  // The file system's order would make the same folder give different results on two machines.
  std::sort(names.begin(), names.end());
  for (const auto& name : names) go_on(name);
}

// Where the file system or the copying program has no links, a link is a small file that holds its
// target. Remembers the first folder on the way to `path` that is one; false if none is.
bool FolderReader::learn_link(const std::string& path) {
  constexpr std::size_t kLongestTarget = 256;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const auto folder = path.substr(0, slash);
    if (!has_file(base_ / folder) || !stays_inside(base_, base_ / folder)) continue;
    const auto target = read_file(base_ / folder, kLongestTarget);
    if (!target || target->empty() || target->find('\n') != std::string::npos) return false;
    placeholders_.add_symlink(folder, *target);
    return true;
  }
  return false;
}

std::string FolderReader::through_placeholders(const std::string& path) {
  constexpr int kMostLinks = 8;
  auto real = path;
  for (int links = 0; links < kMostLinks && learn_link(real); ++links) {
    const auto further = placeholders_.resolve(path);
    if (!further) return path;
    real = *further;
  }
  return real;
}

void FolderReader::take(const std::string& path) {
  const auto full = base_ / through_placeholders(path);
  std::error_code error;
  if (fs::symlink_status(full, error).type() == fs::file_type::not_found) return;
  if (!stays_inside(base_, full)) {
    found_.notes.push_back(fmt::format(
        "{} is a link out of the folder, or to nothing, and was not followed", printable(path)));
    return;
  }
  if (!has_file(full)) return;
  auto text = read_file(full, kMaxFileBytes);
  if (text && bytes_ + text->size() > kMaxGuestBytes) {
    text =
        fail(ErrorCode::kTooLarge, fmt::format("{}: there is too much already", printable(path)));
  }
  if (text) {
    bytes_ += text->size();
    found_.files.emplace(prefix_ + path, std::move(*text));
  } else if (text.error().code == ErrorCode::kTooLarge) {
    found_.notes.push_back(text.error().message + ", it was left out");
  } else if (path.ends_with("meminfo")) {
    found_.notes.push_back(text.error().message);
  }
}

// Returns the sub-folders that hold a guest.
Result<std::vector<fs::path>> guests_below(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) return cannot_read(folder, error.value());
  std::vector<fs::path> found;
  for (std::size_t seen = 0; entries != fs::directory_iterator() && seen < kMaxFolders; ++seen) {
    const bool link = entries->is_symlink(error);
    const auto path = entries->path();
    if (!link && (has_file(path / "proc/meminfo") || has_file(path / kSupportconfig))) {
      found.push_back(path);
    }
    entries.increment(error);
    if (error) return cannot_read(folder, error.value());
  }
  return found;
}

}  // namespace

bool stays_inside(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  auto inside = fs::canonical(folder, error).string();
  if (!inside.ends_with('/')) inside += '/';
  const auto real = error ? std::string() : fs::canonical(file, error).string();
  return !error && real.starts_with(inside);
}

namespace {

Result<GuestFiles> read_supportconfig(const fs::path& folder) {
  auto guest = FolderReader(folder, "").read();
  expand_supportconfig(guest);
  if (guest.files.contains("proc/meminfo")) return guest;
  return fail(ErrorCode::kNotFound,
              fmt::format("{}: its {} has no section with /proc/meminfo",
                          printable(folder.string()), kSupportconfig),
              "name the folder that supportconfig wrote");
}

}  // namespace

Result<GuestFiles> read_directory(const fs::path& folder) {
  if (has_file(folder / "proc/meminfo")) return FolderReader(folder, "").read();
  if (has_file(folder / "meminfo")) return FolderReader(folder, "proc/").read();
  if (has_file(folder / kSupportconfig)) return read_supportconfig(folder);
  const auto guests = guests_below(folder);
  if (!guests) return fail(guests.error());
  const auto shown = printable(folder.string());
  if (guests->empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("{}: there is no proc/meminfo in it", shown),
                "name the folder that holds proc/, as in an unpacked sosreport");
  }
  if (guests->size() > 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} folders in it hold a guest", shown, guests->size()),
                "name the folders themselves; those of one guest over time are a series");
  }
  return has_file(guests->front() / "proc/meminfo") ? FolderReader(guests->front(), "").read()
                                                    : read_supportconfig(guests->front());
}

Result<std::vector<LooseFile>> read_loose_folder(const fs::path& folder) {
  constexpr std::size_t kMaxLoose = 64;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) return cannot_read(folder, error.value());
  std::vector<fs::path> paths;
  for (std::size_t seen = 0; entries != fs::directory_iterator() && seen < kMaxFolders; ++seen) {
    if (!entries->is_symlink(error) && has_file(entries->path())) paths.push_back(entries->path());
    entries.increment(error);
    if (error) return cannot_read(folder, error.value());
  }
  std::sort(paths.begin(), paths.end());
  if (paths.size() > kMaxLoose) paths.resize(kMaxLoose);
  std::vector<LooseFile> files;
  std::size_t bytes = 0;
  for (const auto& path : paths) {
    auto text = read_file(path, std::min(kMaxFileBytes, kMaxGuestBytes - bytes));
    if (!text) continue;
    bytes += text->size();
    files.push_back({path.filename().string(), std::move(*text)});
  }
  return files;
}

std::optional<std::int64_t> count_offline_pages(const fs::path& path) {
  constexpr std::uint64_t kOffline = std::uint64_t{1} << 23;
  constexpr std::size_t kMostPages = std::size_t{256} * kKibPerGib / kPageKib;
  const File file(path);
  if (!file.is_open() || !file.is_regular()) return std::nullopt;
  std::array<std::uint64_t, 8192> flags{};
  std::size_t pages = 0;
  std::int64_t offline = 0;
  for (;;) {
    const auto got = file.read(flags.data(), sizeof flags);
    if (got < 0 || pages > kMostPages) return std::nullopt;
    if (got == 0) break;
    const auto count = static_cast<std::size_t>(got) / sizeof(std::uint64_t);
    offline += std::count_if(flags.begin(), flags.begin() + static_cast<std::ptrdiff_t>(count),
                             [](std::uint64_t page) { return (page & kOffline) != 0; });
    pages += count;
  }
  if (pages == 0) return std::nullopt;
  return kib_from_pages(offline);
}

Result<std::string> read_file(const fs::path& path, std::size_t limit) {
  auto text = read_up_to(path, limit + 1);
  if (text && text->size() > limit) {
    return fail(ErrorCode::kTooLarge, fmt::format("{} is larger than {}", printable(path.string()),
                                                  format_size(kib_of(limit))));
  }
  return text;
}

Result<std::string> read_standard_input(std::size_t limit) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read("standard input", errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > limit) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("standard input is larger than {}", format_size(kib_of(limit))),
                  "name the file instead");
    }
  }
}

Result<std::string> read_head(const fs::path& path, std::size_t bytes) {
  return read_up_to(path, bytes);
}

}  // namespace ballast::offline
