// Terminal::of_process() on a real pseudo-terminal and on a pipe.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>
#include <pty.h>

#include "output/terminal.h"

namespace ballast::output {
namespace {

// What a child sees whose stdin, stdout and stderr are a terminal of `columns`, or a pipe (0).
std::string traits_in_child(unsigned short columns, const char* term, const char* locale) {
  winsize size{24, columns, 0, 0};
  int reader = -1;
  int writer = -1;
  if (columns > 0) {
    if (::openpty(&reader, &writer, nullptr, nullptr, &size) != 0) return "no pty";
  } else {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    reader = ends[0];
    writer = ends[1];
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(writer, STDOUT_FILENO);
    ::setenv("TERM", term, 1);
    ::setenv("LC_ALL", locale, 1);
    ::unsetenv("COLUMNS");
    ::unsetenv("NO_COLOR");
    const auto traits = Terminal::of_process()->out_traits();
    char line[80];
    const int length = std::snprintf(line, sizeof line, "tty=%d width=%zu colour=%d unicode=%d;",
                                     traits.tty, traits.width, traits.colour, traits.unicode);
    ::_exit(::write(STDOUT_FILENO, line, static_cast<std::size_t>(length)) == length ? 0 : 1);
  }
  std::string text;
  char c = 0;
  while (!text.ends_with(';') && ::read(reader, &c, 1) == 1) text += c;
  ::waitpid(child, nullptr, 0);
  ::close(reader);
  ::close(writer);
  return text;
}

TEST(ProcessTerminal, ReadsTerminalAndEnvironment) {
  EXPECT_EQ(traits_in_child(97, "xterm", "C.UTF-8"), "tty=1 width=97 colour=1 unicode=1;");
  EXPECT_EQ(traits_in_child(97, "dumb", "C"), "tty=1 width=97 colour=0 unicode=0;");
  EXPECT_EQ(traits_in_child(0, "xterm", "C.UTF-8"), "tty=0 width=0 colour=0 unicode=1;");
}

}  // namespace
}  // namespace ballast::output
