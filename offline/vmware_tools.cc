#include "offline/vmware_tools.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include <poll.h>
#include <spawn.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kMostOutput = 256;

// The answer is short; a command that prints more, or nothing in time, is none of VMware's.
std::optional<std::string> read_answer(int pipe, std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + patience;
  std::string text;
  while (text.size() <= kMostOutput) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd waiting{pipe, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) break;
    std::array<char, kMostOutput> bytes{};
    const auto count = read(pipe, bytes.data(), bytes.size());
    if (count == 0) return text;
    if (count < 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

// Starts the command with its output in `pipe`; -1 if it cannot be started.
pid_t start(const std::string& command, int pipe) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe, STDOUT_FILENO);
  std::string path = command;
  std::string stat = "stat";
  std::string balloon = "balloon";
  std::string locale = "LC_ALL=C";  // in French it says Mo
  std::array<char*, 4> arguments = {path.data(), stat.data(), balloon.data(), nullptr};
  std::array<char*, 2> environment = {locale.data(), nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, command.c_str(), &actions, nullptr, arguments.data(),
                  environment.data()) != 0) {
    child = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

// Reads "512 MB".
std::optional<std::int64_t> parse_answer(std::string_view text) {
  text = trim(text);
  const auto mib = model::parse_number(model::next_word(text));
  const auto unit = model::next_word(text);
  if (!mib || *mib > model::kMaxNumber / kKibPerMib || unit != "MB" || !text.empty()) {
    return std::nullopt;
  }
  return kib_from_mib(*mib);
}

}  // namespace

std::optional<std::int64_t> ask_vmware_tools(const std::string& command,
                                             std::chrono::milliseconds patience) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const pid_t child = start(command, ends[1]);
  close(ends[1]);
  std::optional<std::string> answer;
  if (child > 0) answer = read_answer(ends[0], patience);
  close(ends[0]);
  if (child <= 0) return std::nullopt;
  kill(child, SIGKILL);  // it has answered, or will not
  // One that hangs in the kernel cannot be killed, and must not be waited for.
  waitpid(child, nullptr, answer ? 0 : WNOHANG);
  return answer ? parse_answer(*answer) : std::nullopt;
}

}  // namespace ballast::offline
