#include "offline/inputs.h"

#include <gmock/gmock.h>

#include "tests/accuracy/captures.h"
#include "tests/offline/folder.h"
#include "tests/offline/tar_builder.h"

namespace ballast::offline {
namespace {

using test::Folder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kCapture = BALLAST_TEST_DATA "/captures/a_idle_2048/1024/";
const std::string kOther = BALLAST_TEST_DATA "/captures/a_idle_2048/0/";

TEST(Inputs, AFolderAnArchiveAndALooseFileGiveTheSameMeminfo) {
  const Folder folder;
  const auto meminfo = test::read_text(kCapture + "proc/meminfo");
  const auto tar = folder.write(
      "sosreport.tar.gz",
      test::make_tar({{"sosreport/proc/meminfo", meminfo, "", "", 0}}, test::TarFilter::kGzip));
  const auto inputs = read_inputs({kCapture, tar, kCapture + "proc/meminfo"});
  EXPECT_TRUE(inputs.failures.empty());
  ASSERT_EQ(inputs.samples.size(), 3U);
  EXPECT_EQ(inputs.samples[0].reading.meminfo, inputs.samples[1].reading.meminfo);
  EXPECT_EQ(inputs.samples[0].reading.meminfo, inputs.samples[2].reading.meminfo);
  EXPECT_TRUE(inputs.samples[0].reading.zones);
  EXPECT_FALSE(inputs.samples[2].reading.zones);
  EXPECT_THAT(inputs.samples[1].sources, ElementsAre(tar));
}

TEST(Inputs, LooseTextsOfOneMomentGoTogether) {
  const auto inputs = read_inputs({kCapture + "proc/zoneinfo", kCapture + "proc/meminfo",
                                   kCapture + "proc/vmstat", kOther + "proc/meminfo"});
  EXPECT_TRUE(inputs.failures.empty());
  ASSERT_EQ(inputs.samples.size(), 2U) << "a second meminfo is a second moment";
  EXPECT_TRUE(inputs.samples[0].reading.zones);
  EXPECT_FALSE(inputs.samples[0].reading.vmstat.empty());
  EXPECT_FALSE(inputs.samples[1].reading.zones)
      << "the first moment's zoneinfo is not the second's";
  EXPECT_EQ(inputs.samples[0].sources.size(), 3U);
}

TEST(Inputs, OutputOfTheProbe) {
  const auto inputs = read_inputs({BALLAST_TEST_DATA "/probe/idle_clean.txt"});
  ASSERT_EQ(inputs.samples.size(), 1U);
  EXPECT_TRUE(inputs.samples[0].reading.zones);
  EXPECT_TRUE(inputs.samples[0].taken_at) << "it says when";
}

TEST(Inputs, TextsOfCrashGoTogether) {
  const std::string base = BALLAST_TEST_DATA "/crash/rhel5_vmmemctl/";
  const auto inputs = read_inputs({base + "bt.txt", base + "kmem_V.txt", base + "kmem_i.txt"});
  ASSERT_TRUE(inputs.failures.empty()) << inputs.failures.front().sentence();
  ASSERT_EQ(inputs.samples.size(), 1U);
  ASSERT_TRUE(inputs.samples[0].vmcore);
  EXPECT_NE(inputs.samples[0].vmcore->balloon_trace(), nullptr);
  EXPECT_EQ(inputs.samples[0].reading.meminfo.at("AnonPages"), 724169 * 4);
}

TEST(Inputs, TextsOfProcAndOfCrashAreNeverOneMoment) {
  const std::string crash = BALLAST_TEST_DATA "/crash/rhel5_vmmemctl/session.txt";
  const auto inputs = read_inputs({crash, kCapture + "proc/meminfo"});
  ASSERT_EQ(inputs.samples.size(), 2U) << "a vmcore's guest is not the one of the file beside it";
  EXPECT_FALSE(inputs.samples[1].vmcore);
  EXPECT_EQ(inputs.samples[0].reading.meminfo.at("MemTotal"), 4109470 * 4);
  const auto probe =
      read_inputs({BALLAST_TEST_DATA "/probe/idle_clean.txt", kCapture + "proc/meminfo"});
  ASSERT_EQ(probe.samples.size(), 2U);
  EXPECT_FALSE(probe.samples[0].reading.meminfo.empty()) << "the probe's output was dropped";
}

TEST(Inputs, TextsOfWindows) {
  const Folder folder;
  const auto marked = folder.write("meminfo", "\xef\xbb\xbfMemTotal: 2048 kB\r\n");
  EXPECT_EQ(read_inputs({marked}).samples.at(0).reading.meminfo.at("MemTotal"), 2048);
  auto vmstat = std::string("nr_free_pages 7\r\nnr_zspages 5\r\n");
  const auto inputs = read_inputs({kCapture + "proc/meminfo", folder.write("vmstat", vmstat)});
  EXPECT_TRUE(inputs.failures.empty());
  ASSERT_EQ(inputs.samples.size(), 1U);
  EXPECT_EQ(inputs.samples[0].reading.vmstat.at("nr_zspages"), 5);
}

TEST(Inputs, MarkedPagesOfAnotherFolderAreNotCounted) {
  const Folder outside;
  const Folder folder;
  folder.write("proc/meminfo", test::read_text(kCapture + "proc/meminfo"));
  std::filesystem::create_symlink(outside.write("flags", std::string(8000, '\xff')),
                                  folder.path() / "proc/kpageflags");
  const auto inputs = read_inputs({folder.path().string()});
  ASSERT_EQ(inputs.samples.size(), 1U);
  EXPECT_FALSE(inputs.samples[0].reading.kpageflags_kib);
}

// A dump of 2.6.32's kind, cut to what an account needs.
const std::string kDump =
    "Mem-Info:\nactive_anon:100000 inactive_anon:2000 isolated_anon:32\n"
    " active_file:50000 inactive_file:30000 isolated_file:0\n unevictable:500\n"
    " free:12000 slab_reclaimable:4000 slab_unreclaimable:6000\n pagetables:2000 bounce:0\n"
    "524288 pages RAM\n44288 pages reserved\n";

TEST(Inputs, EachDumpOfALogIsASample) {
  const Folder folder;
  const auto log = folder.write("messages", kDump + "Out of memory\n" + kDump);
  const auto gzip = folder.write("messages.gz", test::compress(kDump, test::TarFilter::kGzip));
  const auto inputs = read_inputs({log, gzip, kCapture + "proc/meminfo"});
  ASSERT_TRUE(inputs.failures.empty()) << inputs.failures.front().sentence();
  ASSERT_EQ(inputs.samples.size(), 4U);
  EXPECT_THAT(inputs.samples[0].sources, ElementsAre(log + ": dump 1"));
  EXPECT_THAT(inputs.samples[2].sources, ElementsAre(gzip));
  EXPECT_EQ(inputs.samples[2].reading.meminfo.at("MemTotal"), 480'000 * 4);
  EXPECT_TRUE(inputs.samples[2].reading.from_oom_dump);
  EXPECT_FALSE(inputs.samples[3].reading.from_oom_dump);
}

TEST(Inputs, ASessionOfCrashThatShowsADumpIsStillOfCrash) {
  const Folder folder;
  const auto session = test::read_text(BALLAST_TEST_DATA "/crash/rhel5_vmmemctl/session.txt");
  const auto inputs = read_inputs({folder.write("session", session + kDump)});
  ASSERT_EQ(inputs.samples.size(), 1U);
  EXPECT_TRUE(inputs.samples[0].vmcore) << "the back traces would be lost";
}

TEST(Inputs, ZoneLinesOfADumpAreNoZoneinfo) {
  const Folder folder;
  const auto zones = folder.write(
      "zones", "Node 0 DMA free:7312kB min:400kB low:500kB high:600kB present:15988kB\n");
  const auto inputs = read_inputs({zones, kCapture + "proc/meminfo"});
  ASSERT_EQ(inputs.samples.size(), 1U);
  EXPECT_FALSE(inputs.samples[0].reading.zones)
      << "they would pass for the per-CPU lists of the guest";
}

TEST(Inputs, AnArchiveOrAFolderOfLooseTexts) {
  const Folder folder;
  const auto meminfo = test::read_text(kCapture + "proc/meminfo");
  const auto tar = folder.write("case.tgz", test::make_tar({{"meminfo.txt", meminfo, "", "", 0},
                                                            {"notes.doc", "a letter", "", "", 0}},
                                                           test::TarFilter::kGzip));
  folder.write("texts/before.txt", meminfo);
  folder.write("texts/letter.doc", "a letter");
  const auto inputs = read_inputs({tar, (folder.path() / "texts").string()});
  ASSERT_TRUE(inputs.failures.empty()) << inputs.failures.front().sentence();
  ASSERT_EQ(inputs.samples.size(), 2U);
  EXPECT_THAT(inputs.samples[0].sources, ElementsAre(tar + ": meminfo.txt"));
  EXPECT_EQ(inputs.samples[1].reading.meminfo, inputs.samples[0].reading.meminfo);
  const auto letters =
      folder.write("letters.tgz", test::make_tar({{"letter.doc", "a letter", "", "", 0}}));
  const auto nothing = read_inputs({letters});
  ASSERT_EQ(nothing.failures.size(), 1U);
  EXPECT_THAT(nothing.failures.front().message, HasSubstr("no proc/meminfo"));
}

TEST(Inputs, APathThatFailsTakesNothingFromTheOthers) {
  const Folder folder;
  const auto letter = folder.write("letter.txt", "Dear support,\n");
  const auto vmcore = folder.write("vmcore", std::string("\x7f"
                                                         "ELF\x02\x01",
                                                         6));
  const auto empty = folder.write("empty", "");
  const auto lonely = folder.write("vmstat", "nr_free_pages 7\n");
  const auto inputs =
      read_inputs({letter, kCapture, vmcore, empty, "/nonexistent", "/dev/null", lonely});
  ASSERT_EQ(inputs.samples.size(), 1U);
  ASSERT_EQ(inputs.failures.size(), 6U);
  EXPECT_THAT(inputs.failures[0].message, HasSubstr("letter.txt: "));
  EXPECT_THAT(inputs.failures[0].message, HasSubstr("Dear support,"));
  EXPECT_THAT(inputs.failures[1].hint, HasSubstr("crash"));
  EXPECT_THAT(inputs.failures[2].message, HasSubstr("empty"));
  EXPECT_EQ(inputs.failures[3].code, ErrorCode::kNotFound);
  EXPECT_THAT(inputs.failures[4].message, HasSubstr("neither a file nor a folder"));
  EXPECT_THAT(inputs.failures[5].message, HasSubstr("no meminfo with it"));
}

TEST(Inputs, ErrorsAreSafeToPrint) {
  const Folder folder;
  const auto inputs = read_inputs({folder.write("evil\x1b[2J", "\x1b]0;owned\x07\n")});
  ASSERT_EQ(inputs.failures.size(), 1U);
  EXPECT_EQ(inputs.failures[0].sentence().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ballast::offline
