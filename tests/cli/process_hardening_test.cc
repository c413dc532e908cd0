// What main() does first, each in a process of its own.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>

#include <gtest/gtest.h>

#include "cli/process.h"

namespace ballast::cli {

namespace {

// What `check` gives in a child after `before` and the hardening.
int in_child(const std::function<void()>& before, const std::function<int()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    before();
    harden_process();
    ::_exit(check());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void nothing() {}

TEST(ProcessHardening, CoreDumpsAreOff) {
  const int limits = in_child(nothing, [] {
    rlimit limit{1, 1};
    ::getrlimit(RLIMIT_CORE, &limit);
    return limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1;
  });
  EXPECT_EQ(limits, 0) << "a core file would hold passwords";
  const int dumpable = in_child(nothing, [] { return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); });
#if defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(dumpable, 1) << "LeakSanitizer traces the process";
#else
  EXPECT_EQ(dumpable, 0) << "a crash handler, or a debugger, would get passwords";
#endif
}

TEST(ProcessHardening, UmaskIsTightenedNeverLoosened) {
  const auto umask_after = [](mode_t before) {
    return in_child([before] { ::umask(before); }, [] { return static_cast<int>(::umask(0)); });
  };
  EXPECT_EQ(umask_after(0022), 0027);
  EXPECT_EQ(umask_after(0), 0027);
  EXPECT_EQ(umask_after(0077), 0077);
}

TEST(ProcessHardening, ClosedStandardDescriptorsAreNotReused) {
  const auto close_all = [] {
    for (int fd = 0; fd < 3; ++fd) ::close(fd);
  };
  const int opened = in_child(close_all, [] { return ::open("/dev/zero", O_RDONLY); });
  EXPECT_GT(opened, 2) << "messages would be written into a file that comes to stand there";
  const int printed =
      in_child(close_all, [] { return ::write(STDOUT_FILENO, "x", 1) < 0 ? 0 : 1; });
  EXPECT_EQ(printed, 0) << "what is printed to nowhere has to be seen to fail";
  const int said = in_child(close_all, [] { return ::write(STDERR_FILENO, "x", 1) == 1 ? 0 : 1; });
  EXPECT_EQ(said, 0);
  const int read = in_child(close_all, [] {
    char byte = 0;
    return ::read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
  });
  EXPECT_EQ(read, 0);
}

TEST(ProcessHardening, BrokenPipeIsAnErrorHereAndASignalInChildren) {
  const int here = in_child(nothing, [] {
    int ends[2];
    if (::pipe(ends) != 0) return 1;
    ::close(ends[0]);
    return ::write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 2;
  });
  EXPECT_EQ(here, 0) << "a scan must not die because its reader did";
  const int started = in_child(nothing, [] { return std::system("kill -PIPE $$") == 0 ? 1 : 0; });
  EXPECT_EQ(started, 0) << "a password command's pipelines need the signal";
}

}  // namespace
}  // namespace ballast::cli
