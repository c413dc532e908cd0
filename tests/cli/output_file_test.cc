// A file that is there whole or not at all: errors, links, signals.
#include "output/output_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "cli/process.h"
#include "tests/fixtures/export_fixture.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
namespace {

using storage::must;
using storage::read_file;
using storage::write_file;
using testing::HasSubstr;

class OutputFileTest : public ExportFixture {
 protected:
  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator all(path("."));
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(OutputFileTest, IsThereAfterCommitOnly) {
  {
    auto file = must(OutputFile::create(path("a.csv")));
    file->stream() << "one\r\n";
    EXPECT_FALSE(std::filesystem::exists(path("a.csv")));
    must(file->commit());
    EXPECT_EQ(read_file(path("a.csv")), "one\r\n");
  }
  {
    auto file = must(OutputFile::create(path("a.csv")));
    file->stream() << "two\r\n" << std::flush;
  }
  EXPECT_EQ(read_file(path("a.csv")), "one\r\n");
  EXPECT_EQ(files(), 1U) << "nothing temporary is left";
}

TEST_F(OutputFileTest, ALinkStaysALink) {
  std::filesystem::create_directory(path("real"));
  write_file(path("real/data.csv"), "old");
  std::filesystem::create_symlink("real/data.csv", path("link.csv"));
  auto file = must(OutputFile::create(path("link.csv")));
  file->stream() << "new";
  must(file->commit());
  EXPECT_TRUE(std::filesystem::is_symlink(path("link.csv")));
  EXPECT_EQ(read_file(path("real/data.csv")), "new");
}

// Links in links, up and down, to a file that is not there yet.
TEST_F(OutputFileTest, LinksAreFollowedToTheEnd) {
  std::filesystem::create_directories(path("real/deep"));
  std::filesystem::create_directory_symlink("real/deep", path("folder"));
  std::filesystem::create_symlink("../new.csv", path("real/deep/link.csv"));
  auto file = must(OutputFile::create(path("folder/./link.csv")));
  file->stream() << "new";
  must(file->commit());
  EXPECT_EQ(read_file(path("real/new.csv")), "new");
  std::filesystem::create_symlink("loop", path("loop"));
  const auto loop = OutputFile::create(path("loop"));
  ASSERT_FALSE(loop);
  EXPECT_THAT(loop.error().message, HasSubstr("Too many levels of symbolic links"));
}

// As fs.protected_symlinks does for programs that do not look where a link leads.
TEST_F(OutputFileTest, AStrangersLinkInASharedFolderIsNotFollowed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link to another user";
  constexpr uid_t kStranger = 65534;
  std::filesystem::create_directory(path("shared"));
  std::filesystem::create_directory(path("own"));
  write_file(path("own/data.csv"), "old");
  std::filesystem::create_symlink(path("own/data.csv"), path("shared/link.csv"));
  std::filesystem::create_directory_symlink(path("own"), path("shared/folder"));
  for (const char* link : {"shared/link.csv", "shared/folder"}) {
    ASSERT_EQ(::lchown(path(link).c_str(), kStranger, kStranger), 0);
  }
  const auto refusal = [&](const char* name) {
    const auto file = OutputFile::create(path(name));
    return file ? std::string() : file.error().message;
  };
  EXPECT_EQ(refusal("shared/link.csv"), "") << "the folder is not for all";
  ASSERT_EQ(::chmod(path("shared").c_str(), 01777), 0);
  EXPECT_THAT(refusal("shared/link.csv"),
              HasSubstr(path("shared/link.csv") + " is a link of another user's"));
  EXPECT_THAT(refusal("shared/folder/new.csv"),
              HasSubstr(path("shared/folder") + " is a link of another user's"));
  ASSERT_EQ(::lchown(path("shared/link.csv").c_str(), 0, 0), 0);
  EXPECT_EQ(refusal("shared/link.csv"), "") << "one's own link";
  EXPECT_EQ(read_file(path("own/data.csv")), "old");
}

TEST_F(OutputFileTest, AFileThatIsClosedToOthersStaysClosed) {
  struct Case {
    mode_t before;
    mode_t after;
  };
  const auto umask_before = ::umask(0);
  for (const auto& c : {Case{0600, 0600}, {0400, 0400}, {0644, 0640}, {0666, 0640}}) {
    write_file(path("a.csv"), "old");
    ASSERT_EQ(::chmod(path("a.csv").c_str(), c.before), 0);
    auto file = must(OutputFile::create(path("a.csv")));
    file->stream() << "new";
    must(file->commit());
    struct stat info {};
    ASSERT_EQ(::stat(path("a.csv").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, c.after) << std::oct << c.before;
    std::filesystem::remove(path("a.csv"));
  }
  ::umask(umask_before);
}

TEST_F(OutputFileTest, WhatIsNotAFileIsRefused) {
  std::filesystem::create_directory(path("folder"));
  std::filesystem::create_symlink("folder", path("to-folder"));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  struct Case {
    std::string path;
    const char* sentence;
  };
  const Case cases[] = {{path("folder"), "is a directory"},
                        {path("folder/"), "is a directory"},
                        {path("to-folder"), "is a directory"},
                        {path("fifo"), "is not a regular file"},
                        {"/dev/null", "is not a regular file"},
                        {path("new/"), "does not name a file"},
                        {"", "does not name a file"}};
  for (const auto& c : cases) {
    const auto file = OutputFile::create(c.path);
    ASSERT_FALSE(file) << c.path;
    EXPECT_EQ(file.error().code, ErrorCode::kInvalidArgument) << c.path;
    EXPECT_THAT(file.error().message, HasSubstr(c.sentence)) << c.path;
  }
  EXPECT_THAT(OutputFile::create(path("folder")).error().hint, HasSubstr(path("folder") + "/"));
}

TEST_F(OutputFileTest, AFolderThatIsNotThereIsNamed) {
  const auto file = OutputFile::create(path("no/such/a.csv"));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kStorage);
  EXPECT_THAT(file.error().message, HasSubstr(path("no/such/a.csv") + ": No such file"));
}

// A limit on file sizes stands for a full disk.
TEST_F(OutputFileTest, AFullDiskIsAnErrorAndLeavesTheOldFile) {
  write_file(path("a.csv"), "old");
  const auto said = storage::in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto file = must(OutputFile::create(path("a.csv")));
    file->stream() << std::string(10'000, 'x');
    const bool bad = !file->stream().good();
    const auto committed = file->commit();
    file.reset();
    if (committed || !bad) return 1;
    return committed.error().message.find("File too large") == std::string::npos ? 2 : 0;
  });
  EXPECT_EQ(said, 0);
  EXPECT_EQ(read_file(path("a.csv")), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, SignalsAreNotedWhileTheGuardLives) {
  const auto code = storage::in_child([] {
    ::signal(SIGHUP, SIG_IGN);
    {
      const InterruptGuard guard;
      ::raise(SIGHUP);
      if (InterruptGuard::interrupted()) return 1;  // nohup stays nohup
      ::raise(SIGTERM);
      if (!InterruptGuard::interrupted()) return 2;
    }
    if (InterruptGuard::interrupted()) return 3;
    ::raise(SIGINT);
    return 4;
  });
  EXPECT_EQ(code, -SIGINT) << "afterwards a signal ends the process as before";
}

// 60,000 days of one VM take a while.
TEST_F(OutputFileTest, AnInterruptedExportLeavesNothing) {
  write_fleet();
  storage::amend_sql(
      path("ballast.db"), "vm_day",
      "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 60000)"
      "INSERT OR IGNORE INTO vm_day (vcenter_id, start_ms, vm_id, vm_state_id, samples, "
      "guests_read, "
      "excess_samples, leak_only_samples, checksum) SELECT 1, n * 86400000, 1, 1, 5, 0, 0, 0, 0 "
      "FROM c");
  storage::amend_sql(path("ballast.db"), "rollup",
                     "INSERT OR IGNORE INTO rollup SELECT 1, 'day', start_ms, 1, 1, 0 FROM vm_day");
  write_file(path("a.csv"), "old");
  const pid_t child = storage::start_child([&] {
    return run({"daily", "--output", path("a.csv")});
  });
  const std::string temporary = path("a.csv") + "." + std::to_string(child) + "-0.part";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!std::filesystem::exists(temporary) && std::chrono::steady_clock::now() < deadline) {
    ::usleep(200);
  }
  ::kill(child, SIGINT);
  EXPECT_EQ(storage::wait_for(child), kExitFailed);
  EXPECT_EQ(read_file(path("a.csv")), "old");
  EXPECT_FALSE(std::filesystem::exists(temporary));
}

}  // namespace
}  // namespace ballast::cli
