// Causes in words, and what surrounds a VM.
#include "fleet/causes.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"
#include "cli/views/text/evidence.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using model::Cause;
using model::CauseKind;
using testing::HasSubstr;

constexpr std::int64_t kGib = kKibPerGib;

model::ResourcePool pool(const std::string& name, const std::string& parent) {
  return {name, name, parent, {}, std::nullopt};
}

std::vector<std::string> pools_around(const ScanPlaces& all, const std::string& own) {
  model::VmView vm;
  vm.pool_moref = own;
  std::vector<std::string> names;
  for (const auto& one : all.around(vm).pools) names.push_back(one.name);
  return names;
}

TEST(Surroundings, PoolsFromTheVmUpwards) {
  ScanPlaces all;
  for (const auto& one : {pool("web", "tier"), pool("tier", "root"), pool("root", "")}) {
    all.pools[one.moref] = one;
  }
  EXPECT_THAT(pools_around(all, "web"), testing::ElementsAre("web", "tier", "root"));
  EXPECT_THAT(pools_around(all, "root"), testing::ElementsAre("root"));
  EXPECT_THAT(pools_around(all, ""), testing::IsEmpty());
  EXPECT_THAT(pools_around(all, "gone"), testing::IsEmpty());
}

TEST(Surroundings, CyclesAndTowersOfPoolsEnd) {
  ScanPlaces all;
  all.pools["a"] = pool("a", "b");
  all.pools["b"] = pool("b", "a");
  all.pools["self"] = pool("self", "self");
  EXPECT_THAT(pools_around(all, "a"), testing::ElementsAre("a", "b"));
  EXPECT_THAT(pools_around(all, "self"), testing::ElementsAre("self"));
  for (int i = 0; i < 1000; ++i) {
    all.pools[std::to_string(i)] = pool(std::to_string(i), std::to_string(i + 1));
  }
  EXPECT_LE(pools_around(all, "0").size(), 32u);
}

TEST(Surroundings, TheHostOfTheVm) {
  ScanPlaces all;
  all.hosts["host-1"].host.name = "esx-01";
  model::VmView vm;
  EXPECT_FALSE(all.around(vm).host);
  vm.host_moref = "host-1";
  EXPECT_EQ(all.around(vm).host->host.name, "esx-01");
}

TEST(Causes, OnlyOfAVmWithABalloon) {
  auto row = detailed_vm();
  EXPECT_EQ(cause_keys(causes_of(row, {})), "vm_limit");
  row.vm.stats.balloon_kib = 0;
  row.judgement.difference_kib += 512 * kKibPerMib;
  EXPECT_EQ(cause_keys(causes_of(row, {})), "");
  row.judgement.difference_kib -= 512 * kKibPerMib;
  EXPECT_EQ(cause_keys(causes_of(row, {})), "vm_limit") << "the driver in the guest tells of one";
}

TEST(Causes, Sentences) {
  const struct {
    Cause cause;
    const char* sentence;
    const char* fix;
    const char* title;
  } rows[] = {
      {{CauseKind::kVmLimit, "", 2 * kGib, 4 * kGib, {}},
       "Its limit of 2.00 GiB is below its configured memory of 4.00 GiB.",
       "Remove the memory limit of the VM.",
       "VM limit"},
      {{CauseKind::kPoolLimit, "evil\x1b[2J", 16 * kGib, 15 * kGib, {}},
       "Resource pool evil\\x1b[2J uses 15.0 GiB of its limit of 16.0 GiB.",
       "Raise or remove the memory limit of resource pool evil\\x1b[2J.",
       "pool limit"},
      {{CauseKind::kHostMemory, "esx-1", 128 * kGib, 160 * kGib, {}},
       "The VMs that run on host esx-1 are configured with 160 GiB; it has 128 GiB.",
       "Move VMs from host esx-1 to one with free memory, or add memory.",
       "host memory"},
      {{CauseKind::kHostMemory, "esx-1", 128 * kGib, 100 * kGib, {}},
       "Host esx-1 with its 128 GiB is short of memory.",
       "Move VMs from host esx-1 to one with free memory, or add memory.",
       "host memory"},
      {{CauseKind::kHostMemory, "esx-1", 0, 0, {}},
       "Host esx-1 is short of memory.",
       "Move VMs from host esx-1 to one with free memory, or add memory.",
       "host memory"},
      {{CauseKind::kNoReservation, "", kGib, kGib, {}},
       "No reservation protects the 1.00 GiB that it actively uses.",
       "Reserve 1.00 GiB for the VM.",
       "reservation"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(cause_sentence(row.cause), row.sentence);
    EXPECT_EQ(fix_sentence(row.cause), row.fix);
    EXPECT_EQ(cause_title({row.cause}), row.title);
  }
  EXPECT_EQ(cause_title({}), "");
}

TEST(Causes, KeysNameEachKindOnce) {
  const std::vector<Cause> causes = {{CauseKind::kPoolLimit, "a", 1, 1, {}},
                                     {CauseKind::kPoolLimit, "b", 1, 1, {}},
                                     {CauseKind::kHostMemory, "c", 1, 1, {}}};
  EXPECT_EQ(cause_keys(causes), "pool_limit host_memory");
}

TEST(Causes, SayWhatTheFixFrees) {
  const auto printed = [](std::optional<std::int64_t> frees) {
    std::ostringstream out;
    const auto traits = piped();
    Page page(traits, out);
    print_causes({{CauseKind::kNoReservation, "", kGib, kGib, frees}}, false, page);
    return out.str();
  };
  EXPECT_THAT(printed(kGib / 2), HasSubstr("for the VM. Frees 512 MiB at most.\n"));
  EXPECT_THAT(printed(0), HasSubstr("frees nothing now"));
  EXPECT_THAT(printed(std::nullopt), testing::EndsWith("for the VM.\n"));
}

}  // namespace
}  // namespace ballast::cli
