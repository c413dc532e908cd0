#include "storage/sqlite/writer_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/fixtures/store_fixtures.h"

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

TEST(WriterProcess, IsCalledByItsProgramAndSubCommandOnly) {
  using namespace std::string_literals;
  EXPECT_EQ(command_in("/usr/bin/ballast\0collect\0--config\0s3cret\0"s), "ballast collect");
  EXPECT_EQ(command_in("ballast\0--config\0/root/s3cret\0scan\0"s), "ballast scan");
  EXPECT_EQ(command_in("ballast\0password=s3cret\0"s), "ballast");
  EXPECT_EQ(command_in("ballast\0"s + std::string(100, 'a') + "\0"s), "ballast");
  EXPECT_EQ(command_in("ballast\0\0"s), "ballast");
  EXPECT_EQ(command_in("ballast"), "ballast");
  EXPECT_EQ(command_in("x\x1b[2Jy\0"s), "x\\x1b[2Jy");
  EXPECT_LE(command_in(std::string(5000, 'a')).size(), 60U);
  EXPECT_EQ(command_in(""), "");
}

TEST(WriterProcess, IsCalledSomethingWhileItIsThere) {
  EXPECT_THAT(command_of(::getpid()), ::testing::StartsWith("storage_test"));
  EXPECT_EQ(command_of(0), "");
  EXPECT_EQ(command_of(-5), "");
}

}  // namespace
}  // namespace ballast::storage
