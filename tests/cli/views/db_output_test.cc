// What `ballast db` says of what it did.
#include <sstream>

#include <gmock/gmock.h>

#include "cli/views/text/db.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using testing::HasSubstr;
using testing::Not;

storage::StoreExtent extent(std::int64_t scans, std::int64_t hours, std::int64_t days) {
  storage::StoreExtent extent;
  extent.scans = scans;
  extent.hours = hours;
  extent.days = days;
  return extent;
}

std::string lost_history(const storage::StoreExtent& extent) {
  std::ostringstream out;
  print_lost_history(extent, piped(), out);
  return out.str();
}

TEST(DbOutput, SaysWhatWasDone) {
  const auto done = [](const storage::StoreExtent& more, const storage::StoreExtent& less) {
    std::ostringstream out;
    print_done("Removed", more, less, piped(), out);
    return out.str();
  };
  EXPECT_EQ(done(extent(60, 19, 4), extent(24, 8, 4)), "Removed 36 scans, 11 hours.\n");
  EXPECT_EQ(done(extent(60, 19, 4), extent(60, 19, 4)), "Nothing to do.\n");
  EXPECT_EQ(done(extent(60, 19, 4), extent(59, 20, 4)), "Removed 1 scan.\n")
      << "an hour was built as well";
}

TEST(DbOutput, ValuesStandBelowOneAnother) {
  std::ostringstream out;
  print_extent("b.db", extent(60, 19, 4), piped(), out);
  EXPECT_THAT(out.str(), HasSubstr("\n  Scans       60\n"));
  EXPECT_THAT(out.str(), HasSubstr("\n  Samples     none\n"));
}

TEST(DbOutput, LostHistoryNamesTheTimeFromWhichItIsWhole) {
  auto kept = extent(60, 19, 4);
  EXPECT_EQ(lost_history(kept), "");
  kept.oldest = *parse_iso8601("2026-11-01T00:00:31Z");
  kept.newest = *parse_iso8601("2026-11-23T13:04:00Z");
  EXPECT_THAT(lost_history(kept), HasSubstr("Samples before 2026-11-15 00:00 UTC may"));
  EXPECT_THAT(lost_history(kept), HasSubstr("db rejudge --since 2026-11-15T00:00:31Z\n"));
  kept.newest = *parse_iso8601("2026-11-14T00:00:00Z");
  EXPECT_THAT(lost_history(kept), Not(HasSubstr("--since"))) << "it would judge nothing";
}

}  // namespace
}  // namespace ballast::cli
