#include "storage/writer_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/fixtures.h"

namespace ballast::storage {
namespace {

TEST(WriterProcess, ThisOneRuns) {
  const WriterProcess self = this_process();
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_FALSE(self.boot_id.empty());
  EXPECT_GT(self.start_ticks, 0);
  EXPECT_TRUE(is_running(self));
}

TEST(WriterProcess, ANumberThatWasGivenToAnotherProcessDoesNotCount) {
  WriterProcess other = this_process();
  other.start_ticks -= 1;
  EXPECT_FALSE(is_running(other));
}

TEST(WriterProcess, AnEarlierBootIsOver) {
  WriterProcess other = this_process();
  other.boot_id = "00000000-0000-4000-8000-000000000000";
  EXPECT_FALSE(is_running(other));
}

TEST(WriterProcess, NumbersThatNoProcessHas) {
  for (const std::int64_t pid : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    WriterProcess other = this_process();
    other.pid = pid;
    EXPECT_FALSE(is_running(other)) << pid;
  }
}

TEST(WriterProcess, AnOddProcessNameDoesNotConfuseIt) {
  EXPECT_EQ(in_child([] {
              ::prctl(PR_SET_NAME, ") Z 1 (");
              return is_running(this_process()) ? 0 : 1;
            }),
            0);
}

TEST(WriterProcess, AZombieIsDead) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = start_child([&] {
    const WriterProcess self = this_process();
    return ::write(ends[1], &self.start_ticks, sizeof self.start_ticks) > 0 ? 0 : 1;
  });
  WriterProcess process = this_process();
  process.pid = child;
  ASSERT_EQ(::read(ends[0], &process.start_ticks, sizeof process.start_ticks),
            static_cast<ssize_t>(sizeof process.start_ticks));
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(is_running(process));
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_FALSE(is_running(process));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace ballast::storage
