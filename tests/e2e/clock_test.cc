// A machine whose clock is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;

// Five years of history would be gone if retention believed the clock.
TEST(Clock, AJumpAheadRemovesNothing) {
  const json guest = {{"name", "web"}, {"capture", "a_idle_2048/0"}};
  const json one_guest = {{"guests", json::array({guest})}};
  const lab::Lab lab(one_guest);
  const Workspace workspace;
  write_config(workspace, lab);
  run_json(workspace, {"scan"}, 0);
  const auto jumped = run_ballast(workspace, with_config(workspace, {"scan"}),
                                  {.now = now_utc() + std::chrono::years(10)});
  EXPECT_EQ(jumped.exit_code, 0) << jumped.err;
  EXPECT_THAT(jumped.err, ::testing::HasSubstr("nothing old is removed"));
  run_json(workspace, {"scan"}, 0);
  EXPECT_EQ(run_json(workspace, {"db", "status"}, 0).at("scans"), 3);
}

}  // namespace
}  // namespace ballast::e2e
