#include "output/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <streambuf>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast::output {

namespace {

constexpr mode_t kFileMode = 0640;
constexpr int kMostAttempts = 100;  // a killed process of the same number may have left a file

tl::unexpected<Error> fail_with(int os_error, std::string_view doing, const std::string& path) {
  return fail(ErrorCode::kStorage,
              fmt::format("{} {}: {}", doing, printable(path), std::strerror(os_error)),
              os_error == ENOSPC || os_error == EDQUOT ? "free some space, or write elsewhere"
                                                       : "check the path and its permissions");
}

// Follows links: a link that names the file stays a link. The file need not be there.
Result<std::string> resolve(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is a directory", printable(path)),
                  "name a file in it: --output " + printable(path) + "/export.csv");
    }
    if (!S_ISREG(info.st_mode)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not a regular file", printable(path)),
                  "without --output the CSV goes to standard output");
    }
  } else if (path.empty() || path.ends_with('/')) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" does not name a file", printable(path)));
  }
  std::error_code error;
  auto target = std::filesystem::weakly_canonical(path, error);
  if (error) return fail_with(error.value(), "writing", path);
  return target.string();
}

Result<std::pair<std::string, int>> open_beside(const std::string& target,
                                                const std::string& shown) {
  for (int attempt = 0;; ++attempt) {
    std::string name = fmt::format("{}.{}-{}.part", target, ::getpid(), attempt);
    const int fd =
        ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, kFileMode);
    if (fd >= 0) return std::pair(std::move(name), fd);
    if (errno != EEXIST || attempt == kMostAttempts) {
      return fail_with(errno, "creating a file beside", shown);
    }
  }
}

// A rename is lost in a power cut unless the folder is synced as well. Not every file system can do
// that; the file itself is safe.
void sync_folder(const std::string& target) {
  const auto folder = std::filesystem::path(target).parent_path();
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
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
      new OutputFile(path, std::move(*target), std::move(temporary), fd));
}

Status OutputFile::commit() {
  stream_.flush();
  if (const int error = buffer_->sync_to_disk()) return fail_with(error, "writing", shown_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return fail_with(errno, "replacing", shown_);
  }
  temporary_.clear();
  sync_folder(target_);
  return {};
}

}  // namespace ballast::output
