#include "tests/e2e/harness/terminal.h"

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include <gtest/gtest.h>
#include <pty.h>

namespace ballast::e2e {

namespace {

constexpr unsigned kLimitS = 90;

[[noreturn]] void become_ballast(const std::vector<std::string>& arguments) {
  std::vector<char*> words = {const_cast<char*>(BALLAST_PROGRAM)};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  alarm(kLimitS);  // ends it if it hangs
  setenv("TERM", "xterm-256color", 1);
  execv(BALLAST_PROGRAM, words.data());
  _exit(127);
}

}  // namespace

std::string run_on_terminal(const std::vector<std::string>& arguments,
                            const std::vector<Answer>& answers) {
  const winsize size{40, 120, 0, 0};
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) throw std::runtime_error("cannot open a terminal");
  if (pid == 0) become_ballast(arguments);
  std::string shown;
  std::array<char, 4096> buffer{};
  auto next = answers.begin();
  for (;;) {
    const auto count = read(terminal, buffer.data(), buffer.size());
    if (count <= 0) break;  // EIO: the program has closed its end
    shown.append(buffer.data(), static_cast<std::size_t>(count));
    if (next == answers.end() || shown.find(next->prompt) == std::string::npos) continue;
    EXPECT_EQ(write(terminal, next->typed.data(), next->typed.size()), std::ssize(next->typed));
    ++next;
  }
  close(terminal);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFEXITED(status)) << "ballast was ended by signal " << WTERMSIG(status);
  return shown;
}

}  // namespace ballast::e2e
