#include "offline/archive.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/offline/tar_builder.h"

namespace ballast::offline {
namespace {

using test::make_tar;
using test::TarEntry;
using test::TarFilter;
using ::testing::Contains;
using ::testing::HasSubstr;

const std::string kMeminfo = "MemTotal: 2048 kB\nMemFree: 1024 kB\n";

std::vector<TarEntry> sosreport(const std::string& root = "sosreport-web01/") {
  return {{root + "proc/meminfo", kMeminfo, "", "", 0},
          {root + "var/log/messages", std::string(100'000, 'x'), "", "", 0},
          {root + "sos_commands/date/date", "Tue Nov 24 20:24:28 UTC 2026\n", "", "", 0},
          {root + "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "3\n", "", "", 0}};
}

TEST(Archive, EveryCompressionGivesTheSame) {
  for (const auto filter :
       {TarFilter::kNone, TarFilter::kGzip, TarFilter::kBzip2, TarFilter::kXz, TarFilter::kZstd}) {
    const auto bytes = make_tar(sosreport(), filter);
    EXPECT_TRUE(is_archive(std::string_view(bytes).substr(0, 512)));
    const auto guest = read_archive_bytes(bytes);
    ASSERT_TRUE(guest) << guest.error().sentence();
    EXPECT_EQ(guest->files.size(), 3U) << "logs are not kept";
    EXPECT_EQ(guest->files.at("proc/meminfo"), kMeminfo);
    EXPECT_EQ(guest->modified, UtcTime(std::chrono::seconds(1'700'000'000)));
    EXPECT_TRUE(guest->notes.empty());
  }
}

TEST(Archive, TheRootMayBeAnywhere) {
  for (const auto* root : {"", "./", "/", "a/b/sosreport-web01/", "./x//y/./"}) {
    const auto guest = read_archive_bytes(make_tar(sosreport(root)));
    ASSERT_TRUE(guest) << root << ": " << guest.error().sentence();
    EXPECT_EQ(guest->files.size(), 3U) << root;
  }
}

TEST(Archive, TheGuestNearestToTheTopIsTaken) {
  auto entries = sosreport("sos/containers/one/");
  entries[0].text = "MemTotal: 1 kB\n";
  for (const auto& entry : sosreport("sos/")) entries.push_back(entry);
  const auto guest = read_archive_bytes(make_tar(entries));
  ASSERT_TRUE(guest);
  EXPECT_EQ(guest->files.at("proc/meminfo"), kMeminfo) << "a container's files are not the guest's";
}

TEST(Archive, TwoGuestsSideBySideAreRefused) {
  auto entries = sosreport("one/");
  for (const auto& entry : sosreport("two/")) entries.push_back(entry);
  const auto guest = read_archive_bytes(make_tar(entries));
  ASSERT_FALSE(guest) << "one of them would be passed off as the other";
  EXPECT_EQ(guest.error().code, ErrorCode::kParse);
  EXPECT_THAT(guest.error().message, HasSubstr("2 guests"));
}

TEST(Archive, PathsThatLeaveItAreRefused) {
  for (const auto* path : {"../proc/meminfo", "a/../../proc/meminfo", "sos/..", "/../etc/passwd"}) {
    auto entries = sosreport();
    entries.push_back({path, "x", "", "", 0});
    const auto guest = read_archive_bytes(make_tar(entries));
    ASSERT_FALSE(guest) << path;
    EXPECT_EQ(guest.error().code, ErrorCode::kParse) << path;
  }
}

TEST(Archive, LinksAreFollowedInside) {
  const std::string root = "sosreport-web01/";
  const std::string sockstat = "TCP: inuse 5 mem 900000\n";
  auto entries = sosreport(root);
  entries.push_back({root + "proc/net", "", "self/net", "", 0});
  entries.push_back({root + "proc/self", "", "4711", "", 0});
  entries.push_back({root + "proc/4711/net/sockstat", sockstat, "", "", 0});
  entries.push_back({root + "usr/lib/os-release", "NAME=x\n", "", "", 0});
  entries.push_back({root + "etc/os-release", "", "../usr/lib/os-release", "", 0});
  entries.push_back({root + "free", "memory", "", "", 0});
  entries.push_back({root + "proc/vmstat", "", "", root + "free", 0});
  entries.push_back({root + "proc/zoneinfo", "", "../../sosreport-web01/free", "", 0});
  const auto guest = read_archive_bytes(make_tar(entries, TarFilter::kGzip));
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_EQ(guest->files.at("proc/net/sockstat"), sockstat)
      << "in every sosreport proc/net is a link: no guest would have sockets";
  EXPECT_EQ(guest->files.at("etc/os-release"), "NAME=x\n");
  EXPECT_EQ(guest->files.at("proc/vmstat"), "memory") << "a hard link";
  EXPECT_EQ(guest->files.at("proc/zoneinfo"), "memory");
  EXPECT_TRUE(guest->notes.empty());
}

TEST(Archive, LinksAreFollowedWhateverTheOrder) {
  const auto guest = read_archive_bytes(make_tar({{"proc/7/net/sockstat", "sockets", "", "", 0},
                                                  {"proc/self", "", "7", "", 0},
                                                  {"proc/net", "", "self/net", "", 0},
                                                  {"proc/meminfo", kMeminfo, "", "", 0}}));
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_EQ(guest->files.at("proc/net/sockstat"), "sockets");
}

TEST(Archive, LinksAreNeverFollowedOut) {
  const struct {
    const char* what;
    std::string symlink;
    std::string hardlink;
  } rows[] = {
      {"an absolute one", "/etc/shadow", ""},
      {"one that climbs out", "../../../../../etc/shadow", ""},
      {"one to nothing", "nothing", ""},
      {"one to itself", "vmstat", ""},
      {"a circle", "../circle", ""},
      {"a hard link out", "", "../../etc/shadow"},
      {"a hard link to nothing", "", "sosreport-web01/nothing"},
  };
  for (const auto& row : rows) {
    auto entries = sosreport();
    entries.push_back({"etc/shadow", "secret", "", "", 0});
    entries.push_back({"sosreport-web01/proc/etc/shadow", "secret", "", "", 0});
    entries.push_back({"sosreport-web01/circle", "", "proc/vmstat", "", 0});
    entries.push_back({"sosreport-web01/proc/vmstat", "", row.symlink, row.hardlink, 0});
    const auto guest = read_archive_bytes(make_tar(entries));
    ASSERT_TRUE(guest) << row.what << ": " << guest.error().sentence();
    EXPECT_FALSE(guest->files.contains("proc/vmstat")) << row.what;
    EXPECT_THAT(guest->notes, Contains(HasSubstr("proc/vmstat is a link"))) << row.what;
  }
  const auto only_link = make_tar({{"proc/meminfo", "", "/proc/meminfo", "", 0}});
  EXPECT_FALSE(read_archive_bytes(only_link)) << "the reader's own memory would be reported";
}

TEST(Archive, ABombBehindALinkIsLeftOut) {
  auto entries = sosreport();
  entries.push_back(
      {"sosreport-web01/big", "", "", "", static_cast<std::int64_t>(kMaxFileBytes) + 1});
  entries.push_back({"sosreport-web01/proc/vmstat", "", "../big", "", 0});
  const auto guest = read_archive_bytes(make_tar(entries, TarFilter::kZstd));
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_FALSE(guest->files.contains("proc/vmstat"));
}

TEST(Archive, FilesThatLieBesideEachOther) {
  for (const auto* root : {"", "case/", "a/b/"}) {
    const std::string top = root;
    const auto guest = read_archive_bytes(make_tar({{top + "zoneinfo", "zones", "", "", 0},
                                                    {top + "meminfo", kMeminfo, "", "", 0},
                                                    {top + "vmmemctl", "current: 5\n", "", "", 0},
                                                    {top + "readme.txt", "x", "", "", 0}}));
    ASSERT_TRUE(guest) << root << guest.error().sentence();
    EXPECT_EQ(guest->files.size(), 3U) << root;
    EXPECT_EQ(guest->files.at("proc/zoneinfo"), "zones") << root;
    EXPECT_EQ(guest->files.at("proc/vmmemctl"), "current: 5\n") << root;
  }
}

TEST(Archive, AGuestWithProcComesBeforeLooseFiles) {
  auto entries = sosreport("deep/down/here/");
  entries.insert(entries.begin(), {"meminfo", "MemTotal: 1 kB\n", "", "", 0});
  entries.push_back({"deep/sys/devices/system/node/node0/meminfo", "Node 0 x\n", "", "", 0});
  const auto guest = read_archive_bytes(make_tar(entries));
  ASSERT_TRUE(guest);
  EXPECT_EQ(guest->files.at("proc/meminfo"), kMeminfo);
  EXPECT_FALSE(read_archive_bytes(
      make_tar({{"sys/devices/system/node/node0/meminfo", "Node 0 x\n", "", "", 0}})))
      << "a node's meminfo is not the guest's";
}

TEST(Archive, Supportconfig) {
  const std::string rule = "#==[ Command ]======================================#\n";
  const auto guest = read_archive_bytes(make_tar(
      {{"scc_node_1/basic-environment.txt",
        rule + "# /bin/uname -a\nLinux node 5.3.18-24-default #1 SMP x86_64\n\n" + rule +
            "# /bin/date\nTue Nov 24 20:24:28 UTC 2026\n",
        "", "", 0},
       {"scc_node_1/memory.txt",
        "=====\n" + rule + "# /usr/bin/free -k\ntotal\n" + rule + "# /bin/cat /proc/meminfo\n" +
            kMeminfo + "\n#==[ Configuration File ]=====#\n# /proc/zoneinfo\nzones\n" + rule +
            "# /bin/cat /sys/kernel/debug/vmmemctl\ncurrent: 5\n" + rule +
            "# /bin/cat /etc/shadow\nroot\n",
        "", "", 0}},
      TarFilter::kXz));
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_THAT(guest->files.at("proc/meminfo"), HasSubstr("MemFree: 1024 kB"));
  EXPECT_THAT(guest->files.at("proc/zoneinfo"), HasSubstr("zones"));
  EXPECT_THAT(guest->files.at("sys/kernel/debug/vmmemctl"), HasSubstr("current"));
  EXPECT_THAT(guest->files.at("sos_commands/kernel/uname_-a"), HasSubstr("5.3.18"));
  EXPECT_FALSE(guest->files.contains("etc/shadow")) << "nobody asked for it";
  EXPECT_FALSE(guest->files.contains("memory.txt"));
}

TEST(Archive, OneCompressedFile) {
  const std::string text = "MemTotal: 2048 kB\n";
  for (const auto filter :
       {TarFilter::kGzip, TarFilter::kBzip2, TarFilter::kXz, TarFilter::kZstd}) {
    const auto bytes = test::compress(text, filter);
    const auto single = read_single({{}, bytes});
    ASSERT_TRUE(single) << single.error().sentence();
    EXPECT_EQ(*single, text);
    const auto tar = read_single({{}, make_tar(sosreport(), filter)});
    ASSERT_TRUE(tar) << tar.error().sentence();
    EXPECT_FALSE(*tar) << "an archive is no text";
  }
  const auto cut = test::compress(std::string(5000, 'x') + text, TarFilter::kGzip);
  EXPECT_FALSE(read_single({{}, std::string_view(cut).substr(0, cut.size() - 12)}));
  const auto bomb = test::compress(std::string(kMaxFileBytes + 1, '0'), TarFilter::kZstd);
  const auto refused = read_single({{}, bomb});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(Archive, BombsAreRefused) {
  auto entries = sosreport();
  entries.insert(entries.begin(),
                 {"sosreport-web01/var/log/bomb", "", "", "", std::int64_t{3} << 30});
  const auto guest = read_archive_bytes(make_tar(entries, TarFilter::kZstd));
  ASSERT_FALSE(guest) << "it unpacks to 3 GiB of nothing";
  EXPECT_EQ(guest.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(guest.error().message, HasSubstr("unpacks to over"));
}

TEST(Archive, AFileOfAbsurdSizeIsLeftOut) {
  auto entries = sosreport();
  entries.push_back(
      {"sosreport-web01/proc/vmstat", "", "", "", static_cast<std::int64_t>(kMaxFileBytes) + 1});
  const auto guest = read_archive_bytes(make_tar(entries, TarFilter::kZstd));
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_FALSE(guest->files.contains("proc/vmstat"));
  EXPECT_THAT(guest->notes, Contains(HasSubstr("proc/vmstat is too large")));
}

TEST(Archive, WhatCameBeforeTheDamageIsUsed) {
  auto entries = sosreport();
  entries.push_back({"sosreport-web01/var/log/more", std::string(3'000'000, 'y'), "", "", 0});
  const auto bytes = make_tar(entries);
  const auto guest = read_archive_bytes(std::string_view(bytes).substr(0, bytes.size() / 2));
  ASSERT_TRUE(guest) << "a copy that was cut off has all we need: " << guest.error().sentence();
  EXPECT_EQ(guest->files.at("proc/meminfo"), kMeminfo);
  EXPECT_THAT(guest->notes, Contains(HasSubstr("before the damage")));
  EXPECT_TRUE(guest->cut_off) << "it would pass for a whole one";
  EXPECT_FALSE(read_archive_bytes(std::string_view(bytes).substr(0, 600)));
}

TEST(Archive, ErrorsSayWhatToDo) {
  const auto live = read_archive_bytes(make_tar({{"proc/meminfo", "", "", "", 0}}));
  ASSERT_FALSE(live);
  EXPECT_THAT(live.error().message, HasSubstr("empty"));
  EXPECT_THAT(live.error().hint, HasSubstr("copy the files first"));
  const auto nested =
      read_archive_bytes(make_tar({{"sos-collector/web01.tar.xz", "x", "", "", 0}}));
  ASSERT_FALSE(nested);
  EXPECT_THAT(nested.error().hint, HasSubstr("archives inside"));
  const auto other = read_archive_bytes(make_tar({{"etc/passwd", "x", "", "", 0}}));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("no proc/meminfo"));
}

TEST(Archive, TimesThatNoGuestHadAreNotBelieved) {
  for (const std::int64_t absurd : {std::int64_t{0}, std::int64_t{1} << 62, std::int64_t{-5}}) {
    const auto guest = read_archive_bytes(make_tar(sosreport(), TarFilter::kNone, absurd));
    ASSERT_TRUE(guest) << guest.error().sentence();
    EXPECT_FALSE(guest->modified) << absurd;
  }
}

TEST(Archive, EmptyFilesAndLinksWithoutEndAreBounded) {
  auto entries = sosreport();
  for (int i = 0; i < 3000; ++i) {
    entries.push_back({"sosreport-web01/proc/vmstat", "", "x", "", 0});
    const auto pool = "hugepages-" + std::to_string(i) + "kB/nr_hugepages";
    entries.push_back({"sosreport-web01/sys/kernel/mm/hugepages/" + pool, "", "", "", 0});
  }
  const auto guest = read_archive_bytes(make_tar(entries, TarFilter::kZstd));
  ASSERT_TRUE(guest) << guest.error().sentence();
  EXPECT_LE(guest->files.size(), 1000U);
  EXPECT_LE(guest->notes.size(), 20U);
}

TEST(Archive, AFileThatComesTwiceIsRefused) {
  auto entries = sosreport();
  entries.push_back(entries.front());
  EXPECT_FALSE(read_archive_bytes(make_tar(entries))) << "which one is the guest's?";
}

TEST(Archive, GarbageIsRefused) {
  std::string garbage("\x1f\x8b");
  for (int i = 0; i < 5000; ++i) garbage += static_cast<char>(i * 7919 % 251);
  for (const auto& bytes : {std::string(), garbage, std::string(2000, '\0')}) {
    const auto guest = read_archive_bytes(bytes);
    ASSERT_FALSE(guest);
    // Zeros are the end of an archive that has no entries.
    const bool zeros = bytes.starts_with('\0');
    EXPECT_EQ(guest.error().code, zeros ? ErrorCode::kNotFound : ErrorCode::kParse);
  }
  EXPECT_FALSE(is_archive("MemTotal: 1 kB\n"));
  EXPECT_FALSE(is_archive(""));
}

TEST(Archive, AMissingFileIsSaidSo) { EXPECT_FALSE(read_archive("/nonexistent/sosreport.tar.xz")); }

}  // namespace
}  // namespace ballast::offline
