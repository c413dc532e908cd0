#include "model/parse/toolbox.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

TEST(Toolbox, TheAnswerOfStatBalloonIsInMib) {
  EXPECT_EQ(parse_toolbox_balloon("17960 MB\n"), kib_from_mib(17960));
  EXPECT_EQ(parse_toolbox_balloon("17960 Mo\n"), kib_from_mib(17960)) << "French";
  EXPECT_EQ(parse_toolbox_balloon("0 MB"), 0);
}

TEST(Toolbox, WhatIsNoAnswerIsNoFigure) {
  for (const auto* text : {"", "MB", "17960", "17960 kB", "17960 GB", "-1 MB", "17960 MB 3",
                           "17,960 MB", "UpdateInfo failed: 5", "4294967295 KB",
                           "must be run inside a virtual machine.", "18446744073709551615 MB"}) {
    EXPECT_FALSE(parse_toolbox_balloon(text)) << text;
  }
}

// 16712052 KiB: xsos issue 286, where Red Hat's solution 445113 names the unit.
TEST(Toolbox, TheRawResourcesAreInKib) {
  EXPECT_EQ(parse_toolbox_resources("guest.mem.total = 33030144\nguest.mem.ballooned = 16712052\n"),
            16712052);
  EXPECT_FALSE(parse_toolbox_resources("guest.mem.total = 33030144\n"));
  EXPECT_FALSE(parse_toolbox_resources("guest.mem.ballooned = many\n"));
  EXPECT_FALSE(parse_toolbox_resources("guest.mem.ballooned 16712052\n"));
  EXPECT_FALSE(parse_toolbox_resources("guest.mem.ballooned2 = 16712052\n"));
}

}  // namespace
}  // namespace ballast::model
