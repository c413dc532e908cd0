#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/logging.h"
#include "cli/views/scan_progress.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using ::testing::HasSubstr;

collector::ScanSummary ended(ErrorCode code) {
  collector::ScanSummary summary;
  summary.vcenter = "prod";
  summary.scan = 12;
  summary.error = Error{code, "what went wrong", "what to try", {}};
  return summary;
}

TEST(CollectStatus, SaysWhatEachVcenterIsAt) {
  CollectStatus status;
  EXPECT_EQ(status.line(), "");
  status.on_waiting("lab", parse_iso8601("2026-11-25T13:00:00Z").value());
  status.on_waiting("never", std::nullopt);
  EXPECT_EQ(status.line(), "lab: next scan 2026-11-25T13:00:00Z; never: never due by its schedule");

  status.on_removed("never");
  status.on_scan_started("lab");
  status.on_phase("lab", "probing guests");
  status.on_vms_listed("lab", 200);
  EXPECT_EQ(status.line(), "lab: probing guests, 200 VMs listed");

  auto summary = ended(ErrorCode::kCancelled);
  summary.vcenter = "lab";
  status.on_scan_ended(summary);
  EXPECT_EQ(status.line(), "") << "a scan that has ended is not under way";
}

TEST(CollectStatus, NamesAreSafeToShowAndTheLineIsBounded) {
  CollectStatus status;
  status.on_waiting("a\x1b[2J\nb", std::nullopt);
  EXPECT_EQ(status.line(), "a\\x1b[2J\\x0ab: never due by its schedule")
      << "a newline would begin another message to the service manager";
  for (int i = 0; i < 1000; ++i) status.on_waiting("v" + std::to_string(i), std::nullopt);
  EXPECT_LE(status.line().size(), 600u);
}

TEST(CollectStatus, LogsTheEndOfAScanByHowBadItIs) {
  CapturedTerminal captured;
  const auto logging = setup_logging(LogLevel::kWarning, captured.terminal);
  CollectStatus status;
  status.on_scan_ended(ended(ErrorCode::kCancelled));
  EXPECT_EQ(captured.err(), "") << "being told to stop is no failure";
  status.on_scan_ended(ended(ErrorCode::kBusy));
  status.on_scan_ended(ended(ErrorCode::kUnreachable));
  EXPECT_THAT(captured.err(),
              HasSubstr("warning: prod: scan 12: what went wrong. Try: what to try"));
  EXPECT_THAT(captured.err(), HasSubstr("error: prod: scan 12: what went wrong. Try: what to try"));
}

}  // namespace
}  // namespace ballast::cli
