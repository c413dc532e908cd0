// What to do about many balloons at once.
#include "fleet/remedies.h"

#include <gtest/gtest.h>

namespace ballast::fleet {
namespace {

using model::Cause;
using model::CauseKind;

model::JudgedGuest ballooned(std::int64_t mib, CauseKind kind, const std::string& object) {
  model::JudgedGuest guest;
  guest.vm.stats.balloon_kib = mib * 1024;
  guest.causes = {Cause{kind, object, 0, 0, {}}, Cause{CauseKind::kNoReservation, "", 0, 0, {}}};
  return guest;
}

TEST(Remedies, TheMostMemoryComesFirst) {
  auto nobody_knows = ballooned(900, CauseKind::kVmLimit, "");
  nobody_knows.causes.clear();
  const auto remedies = remedies_for(
      {ballooned(100, CauseKind::kVmLimit, ""), ballooned(200, CauseKind::kHostMemory, "esx-2"),
       ballooned(300, CauseKind::kHostMemory, "esx-1"),
       ballooned(50, CauseKind::kHostMemory, "esx-2"), nobody_knows});
  ASSERT_EQ(remedies.size(), 2U);
  EXPECT_EQ(remedies[0].guests, 3);
  EXPECT_EQ(remedies[0].balloon_kib, 550 * 1024);
  EXPECT_EQ(remedy_sentence(remedies[0]),
            "Move VMs to hosts with free memory, or add memory to esx-1, esx-2.");
  EXPECT_EQ(remedies[1].guests, 1);
  EXPECT_EQ(remedy_sentence(remedies[1]), "Remove the memory limit of these VMs.");
}

TEST(Remedies, OfManyTheFirstAreNamedAndNamesAreSafe) {
  Remedy pools{CauseKind::kPoolLimit, 9, 0, {"a\x1b[2J", "b", "c", "d", "e", "f"}};
  EXPECT_EQ(remedy_sentence(pools),
            "Raise or remove the memory limit of resource pool a\\x1b[2J, b, c, d and 2 more.");
}

TEST(Remedies, NoneWithoutACause) { EXPECT_TRUE(remedies_for({model::JudgedGuest{}}).empty()); }

}  // namespace
}  // namespace ballast::fleet
