#include "model/parse/vmmemctl.h"

#include <gtest/gtest.h>

namespace ballast::model {
namespace {

TEST(ParseVmmemctlStatus, OldForm) {
  const auto driver = parse_vmmemctl_status(
      "target:              131072 pages\ncurrent:              65536 pages\nrateNoSleepAlloc:   "
      "   16384 pages/sec\ntimer:                  2431\nstart:                     1 (   0 "
      "failed)\n");
  ASSERT_TRUE(driver) << driver.error().message;
  EXPECT_EQ(driver->target_kib, 524288);
  EXPECT_EQ(driver->current_kib, 262144);
  EXPECT_FALSE(driver->resetting);
}

TEST(ParseVmmemctlStatus, NewFormSecondTargetIsACountOfCalls) {
  const auto driver = parse_vmmemctl_status(
      "balloon capabilities  :             0x3e\nis resetting          :                n\n"
      "target                :           131072\ncurrent               :           131072\n"
      "target                :               20 (0 failed)\n");
  ASSERT_TRUE(driver) << driver.error().message;
  EXPECT_EQ(driver->target_kib, 524288);
  EXPECT_EQ(driver->current_kib, 524288);
}

TEST(ParseVmmemctlStatus, Resetting) {
  const auto driver = parse_vmmemctl_status("is resetting:              y\ncurrent: 0 pages\n");
  ASSERT_TRUE(driver) << driver.error().message;
  EXPECT_TRUE(driver->resetting);
  EXPECT_EQ(driver->current_kib, 0);
  EXPECT_FALSE(driver->target_kib);
}

TEST(ParseVmmemctlStatus, RefusesTheRest) {
  for (const auto* text :
       {"", "target: 5 pages\n", "current\n", "current:\n", "current: many\n", "current: -1\n",
        "current: 5 MB\n", "current: 5 pages 6\n", "current: 9007199254740993 pages\n",
        "current: 18446744073709551615\n", "target: x\ncurrent: 5\n"}) {
    const auto driver = parse_vmmemctl_status(text);
    ASSERT_FALSE(driver) << "accepted: " << text;
    EXPECT_EQ(driver.error().code, ErrorCode::kParse);
  }
}

TEST(FindBalloonModule, EachDriverByItsName) {
  const struct {
    const char* modules;
    const char* expected;
  } rows[] = {
      {"virtio 20480 3 virtio_blk, Live 0x0\nvmw_balloon 24576 0 - Live 0x0 (OE)\n", "vmw_balloon"},
      {"vmmemctl 13724 0 - Live 0xffffffffa0000000 (O)\n", "vmmemctl"},
      {"vmware_balloon 7199 0 - Live 0x0\n", "vmware_balloon"},
      {"virtio_balloon 24576 0 - Live 0x0\n", ""},
      {"vmw_balloon_helper 1 0 - Live 0x0\n", ""},
      {"e1000 20480 1 vmw_balloon, Live 0x0\n", ""},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(find_balloon_module(row.modules), row.expected);
}

}  // namespace
}  // namespace ballast::model
