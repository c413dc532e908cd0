#include "output/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <streambuf>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/disk.h"
#include "base/text.h"

namespace ballast::output {

namespace {

constexpr mode_t kFileMode = 0640;
constexpr int kMostLinks = 40;      // as the kernel
constexpr int kMostAttempts = 100;  // a killed process of the same number may have left a file

tl::unexpected<Error> fail_with(int os_error, std::string_view doing, const std::string& path) {
  return fail(ErrorCode::kStorage,
              fmt::format("{} {}: {}", doing, printable(path), std::strerror(os_error)),
              os_error == ENOSPC || os_error == EDQUOT ? "free some space, or write elsewhere"
                                                       : "check the path and its permissions");
}

struct Target {
  std::string path;  // absolute, without links
  mode_t mode;
};

// As the kernel's protected_symlinks has it, which does not guard readlink(): in a folder where all
// may write, like /tmp, a link of somebody else's may lead anywhere.
bool is_strangers(const struct stat& link, const std::filesystem::path& folder) {
  struct stat in {};
  if (::lstat(folder.c_str(), &in) != 0) return true;
  const bool shared = (in.st_mode & S_ISVTX) != 0 && (in.st_mode & S_IWOTH) != 0;
  return shared && link.st_uid != ::geteuid() && link.st_uid != in.st_uid;
}

tl::unexpected<Error> not_followed(const std::string& shown, const std::filesystem::path& link) {
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("writing {}: {} is a link of another user's in a folder where all may write",
                  printable(shown), printable(link.string())),
      "name the file that it leads to, or another one");
}

// Follows links, each by itself: a link that names the file stays a link. The file need not be
// there, but its folder.
Result<std::filesystem::path> follow_links(const std::string& shown) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(shown, error);
  if (error) return fail_with(error.value(), "writing", shown);
  std::deque<std::filesystem::path> parts(absolute.begin(), absolute.end());
  std::filesystem::path reached = "/";
  for (int links = 0; !parts.empty();) {
    const auto part = std::move(parts.front());
    parts.pop_front();
    if (part == "." || part.empty()) continue;
    struct stat info {};
    auto next = part == ".." ? reached.parent_path() : reached / part;
    if (::lstat(next.c_str(), &info) != 0) {
      const bool is_last = parts.empty() || parts.front().empty();  // "" is behind a last slash
      if (errno != ENOENT || !is_last) return fail_with(errno, "writing", shown);
      return next;
    }
    if (!S_ISLNK(info.st_mode)) {
      reached = next;
      continue;
    }
    if (is_strangers(info, reached)) return not_followed(shown, next);
    if (++links > kMostLinks) return fail_with(ELOOP, "writing", shown);
    const auto target = std::filesystem::read_symlink(next, error);
    if (error) return fail_with(error.value(), "writing", shown);
    if (target.is_absolute()) reached = "/";
    parts.insert(parts.begin(), target.begin(), target.end());
  }
  return reached;
}

Result<Target> resolve(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::kInvalidArgument, "\"\" does not name a file");
  const auto target = follow_links(path);
  if (!target) return fail(target.error());
  struct stat info {};
  const bool exists = ::lstat(target->c_str(), &info) == 0;
  if (path.ends_with('/') && !(exists && S_ISDIR(info.st_mode))) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" does not name a file", printable(path)));
  }
  if (!exists) return Target{target->string(), kFileMode};
  if (S_ISDIR(info.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is a directory", printable(path)),
                "name a file in it: --output " + printable(path) + "/export.csv");
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not a regular file", printable(path)),
                "without --output the CSV goes to standard output");
  }
  return Target{target->string(), kFileMode & info.st_mode};  // one that is closed stays closed
}

Result<std::pair<std::string, int>> open_beside(const Target& target, const std::string& shown) {
  for (int attempt = 0;; ++attempt) {
    std::string name = fmt::format("{}.{}-{}.part", target.path, ::getpid(), attempt);
    const int fd =
        ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, target.mode);
    if (fd >= 0) return std::pair(std::move(name), fd);
    if (errno != EEXIST || attempt == kMostAttempts) {
      return fail_with(errno, "creating a file beside", shown);
    }
  }
}

}  // namespace

// Has no buffer, because writers (CsvWriter) have their own. Keeps the first error.
class OutputFile::Buffer : public std::streambuf {
 public:
  explicit Buffer(int fd) : fd_(fd) {}
  ~Buffer() override { ::close(fd_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] int error() const { return error_; }
  // Returns the errno of what failed, 0 if nothing did.
  int sync_to_disk() {
    if (error_ == 0 && ::fsync(fd_) != 0) error_ = errno;
    return error_;
  }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    std::streamsize done = 0;
    while (error_ == 0 && done < count) {
      const ssize_t written = ::write(fd_, bytes + done, static_cast<std::size_t>(count - done));
      if (written > 0) {
        done += written;
      } else if (errno != EINTR) {
        error_ = written == 0 ? EIO : errno;
      }
    }
    return done;
  }
  int_type overflow(int_type c) override {
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }

 private:
  int fd_;
  int error_ = 0;
};

OutputFile::OutputFile(std::string shown, std::string target, std::string temporary, int fd)
    : shown_(std::move(shown)),
      target_(std::move(target)),
      temporary_(std::move(temporary)),
      buffer_(std::make_unique<Buffer>(fd)),
      stream_(buffer_.get()) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  auto target = resolve(path);
  if (!target) return fail(target.error());
  auto opened = open_beside(*target, path);
  if (!opened) return fail(opened.error());
  auto& [temporary, fd] = *opened;
  return std::unique_ptr<OutputFile>(
      new OutputFile(path, std::move(target->path), std::move(temporary), fd));
}

Status OutputFile::commit() {
  stream_.flush();
  if (const int error = buffer_->sync_to_disk()) return fail_with(error, "writing", shown_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return fail_with(errno, "replacing", shown_);
  }
  temporary_.clear();
  sync_folder_of(target_);
  return {};
}

}  // namespace ballast::output
