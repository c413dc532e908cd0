// A wall clock that jumps, between scans and in the middle of one. Nothing that counts seconds may
// depend on it.
#include <fstream>

#include "tests/e2e/harness/fault_fixture.h"

namespace ballast::e2e {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int kFleet = 12;

json slow_fleet() {
  return {{"latency_ms", 30},
          {"guests",
           {{{"name", "clean-%d"}, {"count", 6}, {"capture", "a_idle_2048/0"}},
            {{"name", "balloon-%d"}, {"count", 6}, {"capture", "w_vmw_balloon_shim_2m/512"}}}}};
}

class ClockFault : public FaultFixture {
 protected:
  ClockFault() : FaultFixture(slow_fleet()) {}
  void SetUp() override { scan_well(kFleet); }

  // The clock jumps when the first program runs in a guest.
  RunResult scan_with_jump(std::chrono::seconds jump) {
    const std::string file = workspace.path("jump");
    std::filesystem::remove(file);
    const std::int64_t started = lab.get("/stats")["programs_started"];
    RunOptions run;
    run.clock_jump = "jump";
    run.while_running = [&](int) {
      if (std::filesystem::exists(file) || lab.get("/stats")["programs_started"] == started) return;
      workspace.write("jump.new", std::to_string(jump.count()));
      std::filesystem::rename(workspace.path("jump.new"), file);
    };
    auto result = scan(run);
    EXPECT_TRUE(std::filesystem::exists(file)) << "the clock has not jumped";
    return result;
  }
};

TEST_F(ClockFault, AJumpDuringAScanCostsNoGuest) {
  for (const auto jump : {std::chrono::seconds(24h), std::chrono::seconds(-24h),
                          std::chrono::seconds(3s), std::chrono::seconds(-1h)}) {
    const auto result = scan_with_jump(jump);
    EXPECT_EQ(result.exit_code, 0) << jump.count() << " s: " << result.err;
    const auto scans = run_json(workspace, {"db", "status"}, 0);
    const json after = report(0);
    EXPECT_EQ(after["summary"]["guests_read"], kFleet) << jump.count() << " s: " << after;
    expect_nothing_left_on_the_server(std::to_string(jump.count()) + " s");
  }
}

// Shorter than anything is kept for, so that a scan of a wrong day is not too old on the right one.
TEST_F(ClockFault, AJumpBetweenScansLosesNoScan) {
  for (const auto ahead : {-20 * 24h, 20 * 24h, 0h}) {
    RunOptions run;
    if (ahead != 0h) run.now = now_utc() + ahead;
    const auto result = scan(run);
    EXPECT_EQ(result.exit_code, 0) << ahead.count() << " h: " << result.err;
    expect_nothing_left_on_the_server(std::to_string(ahead.count()) + " h");
  }
  EXPECT_EQ(run_json(workspace, {"db", "status"}, 0).at("scans"), 4) << "every scan is kept";
}

}  // namespace
}  // namespace ballast::e2e
