#include "base/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/secret.h"
#include "base/text.h"

namespace ballast {

namespace {

constexpr std::size_t kMaxTrustedBytes = 1024 * 1024;

class TrustedDescriptor {
 public:
  explicit TrustedDescriptor(int fd) : fd_(fd) {}
  ~TrustedDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  TrustedDescriptor(TrustedDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  TrustedDescriptor& operator=(TrustedDescriptor&&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> cannot_read(const TrustedFile& file, const std::string& why,
                                  std::string hint) {
  return fail(ErrorCode::kConfig,
              fmt::format("cannot read {} {}: {}", file.what, printable(file.path), why),
              std::move(hint));
}

tl::unexpected<Error> system_refused(const TrustedFile& file, int error) {
  return cannot_read(file, std::strerror(error),
                     error == EACCES ? "run it as a user that may read it" : file.if_missing);
}

Status judge(const TrustedFile& file, const struct stat& info) {
  const std::string path = printable(file.path);
  const std::string mode = fmt::format("mode {:04o}", info.st_mode & 07777U);
  const char* const closed = file.is_secret ? "chmod 0600 " : "chmod go-w ";
  if (S_ISDIR(info.st_mode)) return cannot_read(file, "it is a folder", "name the file in it");
  if (!S_ISREG(info.st_mode)) {
    return cannot_read(file, "it is not a regular file",
                       "name a file; pipes and devices are not read");
  }
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return cannot_read(file, fmt::format("it belongs to another user (uid {})", info.st_uid),
                       "chown root " + path + ", or run it as its owner");
  }
  if (file.is_secret && (info.st_mode & S_IRWXO) != 0) {
    return cannot_read(file, "it is open to every user (" + mode + ")", closed + path);
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    const char* const who = (info.st_mode & S_IWOTH) != 0 ? "every user" : "its group";
    return cannot_read(file, fmt::format("{} may change it ({})", who, mode), closed + path);
  }
  if (info.st_size > static_cast<off_t>(kMaxTrustedBytes)) {
    return cannot_read(file, "it is larger than 1 MiB", "name the right file");
  }
  return {};
}

// O_NONBLOCK: opening a pipe must not wait for who writes to it.
Result<TrustedDescriptor> open_trusted(const TrustedFile& file, struct stat& info) {
  TrustedDescriptor fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) return system_refused(file, errno);
  const auto judged = judge(file, info);
  if (!judged) return fail(judged.error());
  return fd;
}

}  // namespace

Result<std::string> read_trusted_file(const TrustedFile& file) {
  struct stat info {};
  const auto fd = open_trusted(file, info);
  if (!fd) return fail(fd.error());
  // One byte more than there is shows the end. The text never grows, and is not so short that it
  // stands in the string itself: either would leave copies.
  std::string text;
  text.reserve(std::max<std::size_t>(static_cast<std::size_t>(info.st_size) + 1, 64));
  text.resize(static_cast<std::size_t>(info.st_size) + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(fd->get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      wipe(text);
      return system_refused(file, error);
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size == text.size()) {
    wipe(text);
    return cannot_read(file, "it grew while it was read", "try again");
  }
  text.resize(size);
  return text;
}

Status check_trusted_file(const TrustedFile& file) {
  struct stat info {};
  const auto fd = open_trusted(file, info);
  if (!fd) return fail(fd.error());
  return {};
}

}  // namespace ballast
