#include "model/account/suspects.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/units.h"
#include "model/parse/consumer_traces.h"
#include "tests/accuracy/captures.h"

namespace ballast::model {
namespace {

constexpr std::int64_t kMib = kKibPerMib;
constexpr std::int64_t kLastNumber = 15;

MemoryAccount small_guest() {
  MemoryAccount account;
  account.mem_total_kib = 2048 * kMib;
  return account;
}

std::vector<Consumer> names(const std::vector<ConsumerTrace>& suspects) {
  std::vector<Consumer> all;
  for (const auto& suspect : suspects) all.push_back(suspect.consumer);
  return all;
}

using Names = std::vector<Consumer>;

TEST(FindSuspects, TheLargestFirstAndThoseWithoutASizeLast) {
  GuestReading reading;
  reading.traces = {{Consumer::kForeignModules, std::nullopt, "nvidia"},
                    {Consumer::kSockets, 5 * kMib, ""},
                    {Consumer::kXfsBuffers, 400 * kMib, ""},
                    {Consumer::kTraceBuffers, kMib - 1, ""},
                    {Consumer::kNfsd, kMib, ""}};
  EXPECT_EQ(names(find_suspects(reading, small_guest())),
            (Names{Consumer::kXfsBuffers, Consumer::kSockets, Consumer::kNfsd,
                   Consumer::kForeignModules}));
}

TEST(FindSuspects, NotWhatTheAccountCounts) {
  GuestReading reading;
  reading.traces = {{Consumer::kZram, 100 * kMib, ""}, {Consumer::kHotAddedMemmap, 64 * kMib, ""}};
  EXPECT_EQ(find_suspects(reading, small_guest()).size(), 2U);
  reading.zram_kib = 0;
  EXPECT_EQ(names(find_suspects(reading, small_guest())), Names{Consumer::kHotAddedMemmap});
  reading.zram_kib.reset();
  reading.vmstat = {{"nr_zspages", 0}};
  EXPECT_EQ(names(find_suspects(reading, small_guest())), Names{Consumer::kHotAddedMemmap});
  reading.vmstat = {{"nr_memmap_pages", 16384}};
  EXPECT_EQ(names(find_suspects(reading, small_guest())), Names{Consumer::kZram});
}

TEST(FindSuspects, AnAbsurdSizeIsLeftOff) {
  GuestReading reading;
  reading.traces = {{Consumer::kRamDisks, 2048 * kMib + 1, ""},
                    {Consumer::kSockets, 2048 * kMib, ""}};
  const auto suspects = find_suspects(reading, small_guest());
  EXPECT_EQ(names(suspects), (Names{Consumer::kSockets, Consumer::kRamDisks}));
  EXPECT_EQ(suspects[0].kib, 2048 * kMib);
  EXPECT_FALSE(suspects[1].kib);
}

TEST(FindSuspects, LargeKmallocWhereTheKernelDoesNotCountIt) {
  const struct {
    const char* release;
    bool suspect;
  } rows[] = {
      {"3.10.0-1062.el7.x86_64", true},
      {"3.10.0-123.el7.x86_64", true},
      {"4.18.0-80.el8.x86_64", true},
      {"4.18.0-147.5.1.el8.x86_64", true},
      {"4.18.0-240.el8.x86_64", true},
      {"4.18.0-348.2.1.el8.x86_64", false},
      {"4.18.0-553.el8_10.x86_64", false},
      {"5.14.0-70.el9.x86_64", false},
      {"2.6.32-754.el6.x86_64", false},
      {"2.6.18-274.el5", false},
      {"5.4.17-2136.el8uek.x86_64", false},
      {"5.4.200-1.el7.elrepo.x86_64", false},
      {"4.18.0.el8", false},
      {"4.15.0-213-generic", false},
      {"", false},
  };
  for (const auto& row : rows) {
    GuestReading reading;
    reading.kernel_release = row.release;
    EXPECT_EQ(names(find_suspects(reading, small_guest())),
              row.suspect ? Names{Consumer::kLargeKmalloc} : Names{})
        << row.release;
  }
}

TEST(FindSuspects, SlabinfoDecidesLargeKmallocNotTheVendor) {
  const struct {
    const char* release;
    bool slub;
    bool suspect;
  } rows[] = {
      {"4.14.11-coreos", true, true},    {"4.14.11-coreos", false, false},
      {"5.3.18-24-default", true, true}, {"5.4.0-1", true, false},
      {"2.6.32-754.el6", false, false},  {"3.10.0-1062.el7", true, true},
      {"3.10.0-1062.el7", false, false}, {"4.18.0-348.el8", true, false},
      {"5.14.0-70.el9", true, false},    {"", true, false},
  };
  for (const auto& row : rows) {
    GuestReading reading;
    reading.kernel_release = row.release;
    reading.slub = row.slub;
    EXPECT_EQ(names(find_suspects(reading, small_guest())),
              row.suspect ? Names{Consumer::kLargeKmalloc} : Names{})
        << row.release << (row.slub ? " with SLUB" : " with SLAB");
  }
}

TEST(FindSuspects, PerCpuMemoryWhereNoFieldCountsIt) {
  GuestReading reading;
  reading.traces = {{Consumer::kPerCpu, 1000 * kMib, ""}};
  EXPECT_EQ(names(find_suspects(reading, small_guest())), Names{Consumer::kPerCpu});
  reading.meminfo = {{"Percpu", 5000}};
  EXPECT_EQ(names(find_suspects(reading, small_guest())), Names{}) << "it is a part already";
}

TEST(FindSuspects, TheBalloonOfAnotherHypervisor) {
  GuestReading reading;
  reading.platform.hypervisor = "Microsoft Hyper-V";
  EXPECT_EQ(names(find_suspects(reading, small_guest())), Names{}) << "no driver is loaded";
  reading.other_balloons = {"hv_balloon"};
  const auto suspects = find_suspects(reading, small_guest());
  ASSERT_EQ(names(suspects), Names{Consumer::kOtherBalloon});
  EXPECT_EQ(describe(suspects[0]),
            "the balloon of another hypervisor (hv_balloon, Hyper-V), size not known "
            "(/proc/modules, dmesg, DMI)");
  reading.vmstat = {{"balloon_inflate", 262'144}, {"balloon_deflate", 0}};
  EXPECT_EQ(find_suspects(reading, small_guest())[0].kib, 1024 * kMib)
      << "the counters are its own";
}

// Where only addresses of vmalloc are counted, their size is the most that it may hold.
TEST(FindSuspects, VmallocWhereNobodyCountsItsPages) {
  const struct {
    const char* what;
    KernelEra era;
    std::int64_t used_kib;
    bool read;
    bool suspect;
  } rows[] = {
      {"RHEL 5", KernelEra::kEl5, 308'440, false, true},
      {"RHEL 5 at rest", KernelEra::kEl5, 40, false, false},
      {"RHEL 6 without root", KernelEra::kEl6, 308'440, false, true},
      {"RHEL 7 with vmallocinfo", KernelEra::kEl7, 308'440, true, false},
      {"RHEL 9, in the account", KernelEra::kModern, 308'440, false, false},
  };
  for (const auto& row : rows) {
    GuestReading reading;
    reading.meminfo["VmallocUsed"] = row.used_kib;
    if (row.read) reading.vmalloc_kib = 100;
    auto account = small_guest();
    account.era = row.era;
    const auto suspects = find_suspects(reading, account);
    ASSERT_EQ(names(suspects), row.suspect ? Names{Consumer::kVmalloc} : Names{}) << row.what;
    if (!row.suspect) continue;
    EXPECT_EQ(suspects[0].kib, row.used_kib) << row.what;
  }
}

// RHEL 5 to 7 have no page_owner, so that to boot with it would be in vain.
TEST(HowToTrace, ByKernel) {
  const struct {
    const char* release;
    KernelEra era;
    const char* text;
  } rows[] = {{"2.6.18-274.el5", KernelEra::kEl5, ""},
              {"2.6.32-754.el6.x86_64", KernelEra::kEl6, ""},
              {"3.10.0-1160.el7.x86_64", KernelEra::kEl7, ""},
              {"4.18.0-553.el8_10.x86_64", KernelEra::kEl8, "debug/page_owner"},
              {"5.14.0-570.el9_6.x86_64", KernelEra::kModern, "debug/page_owner"},
              {"6.12.0-55.el10_0.x86_64", KernelEra::kModern, "page_owner_stacks/show_stacks"},
              {"6.12.0-18-amd64", KernelEra::kModern, "page_owner_stacks/show_stacks"},
              {"", KernelEra::kModern, "debug/page_owner"}};
  for (const auto& row : rows) {
    const auto text = how_to_trace(row.release, row.era);
    EXPECT_TRUE(text.ends_with(row.text)) << row.release;
    EXPECT_EQ(text.empty(), row.text[0] == 0) << row.release;
  }
}

TEST(ConsumerWords, EachNumberHasItsOwn) {
  std::set<std::string_view> keys;
  for (std::int64_t number = 1; number <= kLastNumber; ++number) {
    const auto consumer = consumer_from_number(number);
    ASSERT_TRUE(consumer) << number;
    EXPECT_EQ(static_cast<std::int64_t>(*consumer), number);
    const auto& words = words_of(*consumer);
    EXPECT_TRUE(keys.insert(words.key).second) << words.key;
    for (const auto text : {words.title, words.source, words.check}) {
      EXPECT_FALSE(text.empty()) << words.key;
      EXPECT_NE(text.back(), '.') << words.key;
    }
  }
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, kLastNumber + 1}) {
    EXPECT_FALSE(consumer_from_number(number)) << number;
  }
}

TEST(Describe, SaysWhatAndHowSure) {
  const struct {
    ConsumerTrace trace;
    const char* text;
  } rows[] = {
      {{Consumer::kXfsBuffers, 412 * kMib, ""},
       "XFS metadata buffers, at least 412 MiB (/proc/slabinfo)"},
      {{Consumer::kSockets, 3 * kMib / 2, ""},
       "socket buffers, at most 1.50 MiB (/proc/net/sockstat)"},
      {{Consumer::kForeignModules, std::nullopt, "nvi\x1b[31mdia"},
       "modules from outside the kernel's tree (nvi\\x1b[31mdia), size not known "
       "(/proc/modules)"},
  };
  for (const auto& row : rows) EXPECT_EQ(describe(row.trace), row.text);
  EXPECT_EQ(to_string(Bound::kExact), "exact");
  EXPECT_EQ(to_string(Bound::kAtLeast), "at_least");
  EXPECT_EQ(to_string(Bound::kAtMost), "at_most");
}

// The files as a capture has them, without the probe.
GuestReading reading_of(const test::Capture& capture) {
  GuestReading reading;
  const auto read = [&capture](const char* file) { return test::read_text(capture.root / file); };
  reading.kernel_release = read("proc/sys/kernel/osrelease");
  const auto slabinfo = read("proc/slabinfo");
  const auto modules = read("proc/modules");
  TraceFiles files;
  files.slabinfo = slabinfo;
  files.modules = modules;
  read_traces(files, reading);
  return reading;
}

bool names_one(const test::Capture& capture, Consumer consumer) {
  for (const auto& suspect : find_suspects(reading_of(capture), small_guest())) {
    if (suspect.consumer == consumer) return true;
  }
  return false;
}

TEST(Suspects, OfTheCaptures) {
  int ram_disks = 0;
  int kmalloc = 0;
  int hogs = 0;
  for (const auto& capture : test::captures()) {
    EXPECT_TRUE(reading_of(capture).notes.empty()) << capture.name();
    const bool brd = capture.name() == "n_neg_brd/300MB";
    EXPECT_EQ(names_one(capture, Consumer::kRamDisks), brd) << capture.name();
    const bool old = capture.kernel() == "eras/rhel7" || capture.kernel() == "eras/rhel81";
    EXPECT_EQ(names_one(capture, Consumer::kLargeKmalloc), old) << capture.name();
    const bool hog =
        test::read_text(capture.root / "proc/modules").find("pagehog") != std::string::npos;
    // Before 3.9 the kernel marks modules by other letters.
    const bool unmarked =
        capture.kernel().starts_with("eras/rhel5") || capture.kernel() == "eras/rhel6";
    if (unmarked) continue;
    EXPECT_EQ(names_one(capture, Consumer::kForeignModules), hog)
        << capture.name() << ": the balloon driver is no suspect, a module from elsewhere is";
    ram_disks += brd ? 1 : 0;
    kmalloc += old ? 1 : 0;
    hogs += hog ? 1 : 0;
  }
  EXPECT_EQ(ram_disks, 1);
  EXPECT_GT(kmalloc, 0);
  EXPECT_GT(hogs, 0);
}

}  // namespace
}  // namespace ballast::model
