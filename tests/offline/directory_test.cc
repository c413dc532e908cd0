#include "offline/directory.h"

#include <sys/stat.h>

#include <vector>

#include <gmock/gmock.h>

#include "tests/offline/folder.h"

namespace ballast::offline {
namespace {

namespace fs = std::filesystem;
using test::Folder;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kShortMeminfo = "MemTotal: 2048 kB\n";

TEST(Directory, TakesWhatIsWantedAndNothingElse) {
  const Folder folder;
  folder.write("proc/meminfo", kShortMeminfo);
  folder.write("proc/net/sockstat", "TCP: inuse 1 mem 3\n");
  folder.write("proc/kcore", "no");
  folder.write("etc/shadow", "no");
  folder.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "1\n");
  folder.write("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "2\n");
  folder.write("sos_commands/process/lsof_-b_M_-n_-l_-c", "COMMAND\n");
  const auto guest = read_directory(folder.path());
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_EQ(guest->files.size(), 5U);
  EXPECT_EQ(guest->files.at("proc/meminfo"), kShortMeminfo);
  EXPECT_TRUE(guest->files.contains("sos_commands/process/lsof_-b_M_-n_-l_-c"));
  EXPECT_TRUE(guest->notes.empty());
}

TEST(Directory, ACopyOfProcAlone) {
  const Folder folder;
  folder.write("meminfo", kShortMeminfo);
  folder.write("sys/kernel/osrelease", "5.14.0\n");
  const auto guest = read_directory(folder.path());
  ASSERT_TRUE(guest);
  EXPECT_EQ(guest->files.at("proc/sys/kernel/osrelease"), "5.14.0\n");
}

TEST(Directory, TheOneSubFolderThatHoldsAGuest) {
  const Folder folder;
  folder.write("sosreport-web01/proc/meminfo", kShortMeminfo);
  folder.write("notes/readme", "x");
  ASSERT_TRUE(read_directory(folder.path()));
  folder.write("sosreport-web02/proc/meminfo", kShortMeminfo);
  const auto two = read_directory(folder.path());
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, ErrorCode::kInvalidArgument);
}

TEST(Directory, LinksOutOfTheFolderAreNotFollowed) {
  const Folder outside;
  const auto secret = outside.write("secret", "nr_free_pages 1\n");
  const Folder folder;
  folder.write("proc/meminfo", kShortMeminfo);
  folder.write("real/sockstat", "inside\n");
  fs::create_symlink(secret, folder.path() / "proc/vmstat");
  fs::create_symlink("../real", folder.path() / "proc/net");
  fs::create_symlink("nowhere", folder.path() / "proc/zoneinfo");
  const auto guest = read_directory(folder.path());
  ASSERT_TRUE(guest);
  EXPECT_FALSE(guest->files.contains("proc/vmstat"));
  EXPECT_EQ(guest->files.at("proc/net/sockstat"), "inside\n") << "as proc/net of a live system is";
  EXPECT_THAT(guest->notes, Contains(HasSubstr("proc/vmstat is a link")));
  EXPECT_THAT(guest->notes, Contains(HasSubstr("proc/zoneinfo is a link")));
}

TEST(Directory, ASubFolderThatIsALinkIsNoGuest) {
  const Folder folder;
  fs::create_symlink("/", folder.path() / "guest");
  EXPECT_FALSE(read_directory(folder.path())) << "the reader's own machine would be reported";
}

TEST(Directory, APipeDoesNotHoldItUp) {
  const Folder folder;
  folder.write("proc/meminfo", kShortMeminfo);
  ASSERT_EQ(mkfifo((folder.path() / "proc/vmstat").c_str(), 0600), 0);
  const auto guest = read_directory(folder.path());
  ASSERT_TRUE(guest);
  EXPECT_FALSE(guest->files.contains("proc/vmstat"));
}

TEST(Directory, AFileOfAbsurdSizeIsNotedAndLeftOut) {
  const Folder folder;
  folder.write("proc/meminfo", kShortMeminfo);
  folder.write("proc/vmstat", "");
  fs::resize_file(folder.path() / "proc/vmstat", kMaxFileBytes + 1);
  const auto guest = read_directory(folder.path());
  ASSERT_TRUE(guest);
  EXPECT_FALSE(guest->files.contains("proc/vmstat"));
  EXPECT_THAT(guest->notes, Contains(HasSubstr("larger than 32")));
}

TEST(Directory, Supportconfig) {
  const Folder folder;
  folder.write("scc_node/memory.txt",
               "#==[ Command ]===#\n# /bin/cat /proc/meminfo\nMemTotal: 5 kB\n\n");
  for (const auto& path : {folder.path(), folder.path() / "scc_node"}) {
    const auto guest = read_directory(path);
    ASSERT_TRUE(guest) << guest.error().sentence();
    EXPECT_EQ(guest->files.at("proc/meminfo"), "MemTotal: 5 kB\n\n");
  }
  folder.write("other/memory.txt", "notes of a colleague\n");
  const auto other = read_directory(folder.path() / "other");
  ASSERT_FALSE(other) << "any memory.txt would be a guest";
  EXPECT_EQ(other.error().code, ErrorCode::kNotFound);
}

TEST(Directory, LinksThatWereUnpackedAsFiles) {
  const Folder folder;
  folder.write("proc/meminfo", "MemTotal: 5 kB\n");
  folder.write("proc/net", "self/net");
  folder.write("proc/self", "4711");
  folder.write("proc/4711/net/sockstat", "sockets\n");
  const auto guest = read_directory(folder.path());
  ASSERT_TRUE(guest);
  ASSERT_TRUE(guest->files.contains("proc/net/sockstat")) << "as Windows unpacks a sosreport";
  EXPECT_EQ(guest->files.at("proc/net/sockstat"), "sockets\n");
  for (const auto* out : {"../../../../../../etc", "/etc", "net", "self/net/../../net", "a\nb"}) {
    folder.write("proc/self", out);
    EXPECT_FALSE(read_directory(folder.path())->files.contains("proc/net/sockstat")) << out;
  }
}

TEST(Directory, LooseFilesInTheOrderOfTheirNames) {
  const Folder folder;
  for (int i = 99; i >= 10; --i) folder.write("text" + std::to_string(i), "x");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "a_link");
  const auto files = read_loose_folder(folder.path());
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 64U) << "it is bounded";
  EXPECT_EQ(files->front().name, "text10") << "a link out of the folder was read";
  EXPECT_FALSE(read_loose_folder(folder.path() / "nothing"));
}

TEST(Directory, ErrorsNameTheFolder) {
  const Folder folder;
  const auto empty = read_directory(folder.path());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(empty.error().message, HasSubstr(folder.path().string()));
  const auto missing = read_directory(folder.path() / "nowhere");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST(Directory, OfflinePagesAreCounted) {
  constexpr std::uint64_t kOffline = 1 << 23;
  std::vector<std::uint64_t> flags(100'000, 0);
  for (std::size_t i = 0; i < flags.size(); i += 10) flags[i] = kOffline | 1;
  flags[1] = ~kOffline;
  const Folder folder;
  const auto file = folder.write(
      "kpageflags", {reinterpret_cast<const char*>(flags.data()), flags.size() * sizeof flags[0]});
  EXPECT_EQ(count_offline_pages(file), 10'000 * 4);
  EXPECT_FALSE(count_offline_pages(folder.path() / "missing"));
  EXPECT_FALSE(count_offline_pages(folder.write("empty", ""))) << "nothing says nothing";
}

TEST(ReadFile, LimitAndKinds) {
  const Folder folder;
  const auto file = folder.write("text", "12345");
  EXPECT_EQ(read_file(file, 5).value(), "12345");
  EXPECT_EQ(read_file(file, 4).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(read_head(file, 3).value(), "123");
  EXPECT_EQ(read_file("/dev/zero", 5).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read_file(folder.path() / "no", 5).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(read_file("/proc/self/status", 1 << 20)->empty()) << "its size is said to be 0";
}

}  // namespace
}  // namespace ballast::offline
