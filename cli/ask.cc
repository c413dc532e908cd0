#include "cli/ask.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include <poll.h>
#include <termios.h>

#include "cli/process.h"

namespace ballast::cli {

namespace {

constexpr std::size_t kMaxAnswerBytes = 1024;

enum class Echo { kOn, kOff };

// The process's terminal, until the end with the echo as asked for.
class AskedTerminal {
 public:
  explicit AskedTerminal(Echo echo) : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    is_there_ = fd_ >= 0 && ::tcgetattr(fd_, &before_) == 0;
    if (!is_there_ || echo == Echo::kOn) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    // What was typed ahead was typed for somebody else, and seen.
    is_there_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
  }
  ~AskedTerminal() {
    if (is_there_) ::tcsetattr(fd_, TCSADRAIN, &before_);
    if (fd_ >= 0) ::close(fd_);
  }
  AskedTerminal(const AskedTerminal&) = delete;
  AskedTerminal& operator=(const AskedTerminal&) = delete;

  [[nodiscard]] bool is_there() const { return is_there_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
  bool is_there_ = false;
  termios before_{};
};

void show(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Waits for a line. Returns false when a signal wants the program to end.
bool wait_for_line(int fd) {
  constexpr int kLookAgainMs = 100;  // a signal may come just before poll() would notice it
  pollfd ready{fd, POLLIN, 0};
  while (!InterruptGuard::interrupted()) {
    if (::poll(&ready, 1, kLookAgainMs) > 0) return true;
  }
  return false;
}

// The line without its end, as a Secret: whoever asked for less takes it out.
Result<Secret> answer_to(const std::string& prompt, Echo echo) {
  const InterruptGuard guard;
  const AskedTerminal terminal(echo);
  if (!terminal.is_there()) return fail(ErrorCode::kNotFound, "there is no terminal to ask at");
  show(terminal.fd(), prompt);
  if (!wait_for_line(terminal.fd())) {
    show(terminal.fd(), "\n");
    return fail(ErrorCode::kCancelled, "stopped while asking");
  }
  // A terminal gives a whole line at once; nothing at its end.
  std::array<char, kMaxAnswerBytes + 2> buffer{};
  const auto count = ::read(terminal.fd(), buffer.data(), buffer.size());
  const std::string_view line(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  Secret answer{std::string(line.substr(0, line.find('\n')))};
  const bool is_whole = line.size() < buffer.size() || line.ends_with('\n');
  explicit_bzero(buffer.data(), buffer.size());
  if (!is_whole) return fail(ErrorCode::kInvalidArgument, "the line that was typed is too long");
  return answer;
}

}  // namespace

Result<std::string> ask(const std::string& prompt) {
  const auto answer = answer_to(prompt, Echo::kOn);
  if (!answer) return fail(answer.error());
  return answer->reveal();
}

Result<Secret> ask_password(const std::string& prompt) {
  auto answer = answer_to(prompt, Echo::kOff);
  if (answer && answer->empty()) {
    return fail(ErrorCode::kInvalidArgument, "no password was typed");
  }
  return answer;
}

}  // namespace ballast::cli
