// What `ballast export` writes, and which rows the flags choose; more is in
// tests/cases/export.cases.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>

#include "base/text.h"
#include "cli/commands/export_command.h"
#include "tests/fixtures/export_fixture.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ExportTest : public ExportFixture {
 protected:
  ExportTest() { write_fleet(); }
  [[nodiscard]] std::vector<Cells> cells(const std::vector<std::string>& arguments) const {
    return parse_csv(exported(arguments));
  }
};

TEST_F(ExportTest, EveryKindHasARowForEverything) {
  const std::size_t vms = hostile_names().size() + 1;
  EXPECT_THAT(cells({"samples"}), SizeIs(1 + 5 * vms));
  EXPECT_THAT(cells({"hourly"}), SizeIs(1 + 2 * vms));
  EXPECT_THAT(cells({"daily"}), SizeIs(1 + vms));
  EXPECT_THAT(cells({"hosts"}), SizeIs(1 + 2 * 4));
}

std::string without_apostrophes(std::string text) {
  std::erase(text, '\'');
  return text;
}

TEST_F(ExportTest, NamesComeBackEscapedAndInOrder) {
  const auto names = column(cells({"daily"}), "name");
  ASSERT_EQ(names.size(), hostile_names().size() + 1);
  for (std::size_t i = 0; i < hostile_names().size(); ++i) {
    const std::string shown = printable(hostile_names()[i]);
    EXPECT_EQ(without_apostrophes(names[i]), without_apostrophes(shown));
    EXPECT_THAT(names[i], Not(testing::ContainsRegex("(^|[,;|\"]) *[=+@-]")));
  }
}

TEST_F(ExportTest, FiguresAreThoseOfTheStore) {
  const auto days = storage::days_in(path("ballast.db"));
  const auto records = cells({"daily", "--columns", "balloon_p95_kib,unaccounted_min_kib,samples"});
  ASSERT_EQ(records.size(), days.size() + 1);
  for (std::size_t i = 0; i < days.size(); ++i) {
    const auto& figures = days[i].period.figures;
    const auto shown = [](const std::optional<storage::Spread>& spread, auto figure) {
      return spread ? std::to_string((*spread).*figure) : std::string();
    };
    EXPECT_THAT(records[i + 1],
                ElementsAre(shown(figures.balloon, &storage::Spread::p95_kib),
                            shown(figures.unaccounted, &storage::Spread::min_kib), "4"))
        << "VM " << i;
  }
}

TEST_F(ExportTest, ALimitThatIsNotSetIsEmpty) {
  const auto records = cells({"samples", "--until", "2026-09-24T00:10Z"});
  const auto limits = column(records, "limit_kib");
  EXPECT_EQ(limits[0], "6291456");
  EXPECT_EQ(limits[2], "");
  EXPECT_EQ(column(records, "reservation_kib")[2], "0") << "zero is not absent";
}

TEST_F(ExportTest, HistoryOfTheVerdictIsThere) {
  const auto records = cells({"samples", "--until", "2026-09-24T00:10Z"});
  EXPECT_EQ(column(records, "proof")[0], "lockstep");
  EXPECT_EQ(column(records, "lockstep_slope")[0], "1.0012");
  EXPECT_EQ(column(records, "lockstep_low")[0], "0.9700");
  EXPECT_EQ(column(records, "leak_kib_per_day")[1], "40960");
  EXPECT_EQ(column(records, "suspects")[1], "xfs_buffers=421888;foreign_modules");
  EXPECT_EQ(column(records, "stalled_some_percent")[0], "3.20");
  EXPECT_EQ(column(records, "lockstep_slope")[1], "");
  EXPECT_THAT(column(records, "detail").back(), HasSubstr("said \"no\",\\x0d\\x0a=go away"));
}

TEST_F(ExportTest, FlagsChooseRows) {
  EXPECT_THAT(column(cells({"samples", "--verdict", "excess"}), "verdict"),
              AllOf(SizeIs(5), Each("excess")));
  EXPECT_THAT(column(cells({"samples", "--verdict", "unknown,excess"}), "verdict"),
              AllOf(SizeIs(5 + 5 * 8), Contains("unknown"), Contains("excess")));
  EXPECT_THAT(column(cells({"hourly", "--cluster", "rack*"}), "cluster"),
              AllOf(SizeIs(Not(0)), Each("rack 3, \"left\"")));
  EXPECT_THAT(cells({"hourly", "--since", "2026-09-24T00:30Z", "--name", "plain"}), SizeIs(2));
  EXPECT_THAT(cells({"daily", "--since", "10d"}), SizeIs(1)) << "before 2026-11-13";
  EXPECT_THAT(cells({"hosts", "--min-size", "100GiB"}), SizeIs(1));
}

TEST_F(ExportTest, MinSizeAsksForEitherFigure) {
  std::size_t expected = 0;
  for (const auto& row : storage::days_in(path("ballast.db"))) {
    const auto most = [](const auto& spread) { return spread ? spread->max_kib : 0; };
    expected += std::max(most(row.period.figures.balloon), most(row.period.figures.unaccounted)) >=
                500 * 1024;
  }
  ASSERT_GT(expected, 0U);
  ASSERT_LT(expected, hostile_names().size());
  EXPECT_THAT(cells({"daily", "--min-size", "500MiB"}), SizeIs(1 + expected));
}

TEST_F(ExportTest, AFileIsWrittenWholeWithItsMode) {
  const auto before = ::umask(027);
  EXPECT_EQ(run({"samples", "--output", path("out.csv")}), kExitDone) << err();
  ::umask(before);
  EXPECT_EQ(storage::read_file(path("out.csv")), exported({"samples"}));
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr("180 rows in " + path("out.csv")));
  EXPECT_EQ(std::filesystem::status(path("out.csv")).permissions(), std::filesystem::perms(0640));
}

TEST_F(ExportTest, AFailureInTheMiddleLeavesTheOldFile) {
  storage::write_file(path("out.csv"), "old");
  storage::run_sql(path("ballast.db"), "UPDATE vm_day SET balloon_max_kib = 4 WHERE vm_id = 20");
  EXPECT_EQ(run({"daily", "--output", path("out.csv")}), kExitFailed);
  EXPECT_THAT(err(), HasSubstr("day of VM 20"));
  EXPECT_EQ(storage::read_file(path("out.csv")), "old");
  for (const auto& entry : std::filesystem::directory_iterator(path("."))) {
    EXPECT_THAT(entry.path().string(), Not(HasSubstr("part")));
  }
}

}  // namespace
}  // namespace ballast::cli
