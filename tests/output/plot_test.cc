#include "output/plot.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/units.h"
#include "tests/fixtures/samples.h"

namespace ballast::output {

using namespace fixtures;
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Kib = std::optional<std::int64_t>;
using Lines = std::vector<std::string>;

constexpr std::size_t kRows = 12;
constexpr char kReboot = 'R';
constexpr char kMove = 'M';

Plot titled_plot() {
  Plot plot;
  plot.area_title = "taken";
  plot.line_title = "missing";
  plot.letters = {{kReboot, "reboot"}, {kMove, "move"}};
  return plot;
}

StreamTraits ascii() { return {false, 0, false, false, false}; }

UtcTime at_hour(int hour) {
  return *parse_iso8601("2026-11-02T00:00:00Z") + std::chrono::hours(hour);
}

std::int64_t mib(double size) { return static_cast<std::int64_t>(size * 1024); }

// One point an hour, in MiB; a negative size: not known.
Plot hourly(const std::vector<double>& area, const std::vector<double>& line = {}) {
  Plot plot = titled_plot();
  for (std::size_t i = 0; i < std::max(area.size(), line.size()); ++i) {
    const auto size = [&](const std::vector<double>& series) {
      return i < series.size() && series[i] >= 0 ? Kib(mib(series[i])) : std::nullopt;
    };
    plot.points.push_back({at_hour(static_cast<int>(i)), size(area), size(line)});
  }
  return plot;
}

// The part of a row right of the axis.
std::string row_of(const Lines& lines, std::size_t row) {
  const auto axis = lines.at(row).find_first_of("|+");
  return axis == std::string::npos ? "" : lines[row].substr(axis + 1);
}

// How many rows a column of the ASCII plot has of `sign`.
std::size_t count_in_column(const Lines& lines, std::size_t column, char sign) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto text = row_of(lines, row);
    count += column < text.size() && text[column] == sign ? 1u : 0u;
  }
  return count;
}

TEST(Plot, NothingToShowGivesNoLines) {
  EXPECT_THAT(plot_lines({}, piped(), 80), IsEmpty());
  Plot unread;
  unread.points = {{at_hour(0), std::nullopt, std::nullopt}, {at_hour(1), std::nullopt, {}}};
  EXPECT_THAT(plot_lines(unread, piped(), 80), IsEmpty());
  EXPECT_THAT(plot_lines(hourly({1, 2}), piped(), 19), IsEmpty());
}

TEST(Plot, OnePointIsOneColumn) {
  const auto lines = plot_lines(hourly({16}), ascii(), 60);
  ASSERT_EQ(lines.size(), kRows + 3);
  EXPECT_GE(count_in_column(lines, 0, ':'), 11u) << "the top of the scale";
  EXPECT_EQ(count_in_column(lines, 1, ':'), 0u) << "nothing is known of any other time";
}

TEST(Plot, SecondsHaveNoDates) {
  Plot plot = hourly({16});
  plot.points.push_back({at_hour(0) + std::chrono::seconds(20), mib(16), std::nullopt});
  const auto lines = plot_lines(plot, ascii(), 60);
  EXPECT_THAT(lines, Each(Not(IsEmpty())));
  EXPECT_EQ(count_in_column(lines, 20, ':'), 12u);
}

TEST(Plot, AreaAndLineShareTheScale) {
  const auto lines = plot_lines(hourly({256, 256, 256}, {800, 800, 800}), ascii(), 60);
  EXPECT_THAT(lines[0], StartsWith("1,024 MiB +"));
  EXPECT_THAT(lines[3], StartsWith("  768 MiB +"));
  EXPECT_THAT(lines[9], StartsWith("  256 MiB +"));
  EXPECT_THAT(lines[12], StartsWith("        0 +"));
  EXPECT_THAT(row_of(lines, 9), StartsWith("::::")) << "256 MiB are 3 of 12 rows";
  EXPECT_EQ(row_of(lines, 8), "");
  EXPECT_THAT(row_of(lines, 2), StartsWith("oooo")) << "800 MiB are above the label of 768";
}

TEST(Plot, EqualValuesMakeAFlatLine) {
  const auto lines = plot_lines(hourly({}, std::vector<double>(200, 14)), ascii(), 80);
  std::size_t rows = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto text = row_of(lines, row);
    if (text.empty()) continue;
    ++rows;
    EXPECT_EQ(text, std::string(text.size(), 'o'));
  }
  EXPECT_EQ(rows, 1u);
}

TEST(Plot, AllZeroIsAtTheBottom) {
  const auto lines = plot_lines(hourly({0, 0}, {0, 0}), ascii(), 40);
  EXPECT_THAT(row_of(lines, kRows - 1), StartsWith("oooo"));
  EXPECT_THAT(lines[0], StartsWith("8 MiB +")) << "noise is not blown up to the whole height";
}

TEST(Plot, HugeSizesDoNotOverflow) {
  Plot plot;
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  plot.points = {{at_hour(0), kMax, kMin}, {at_hour(1), kMin, kMax}, {at_hour(2), 0, kMax}};
  plot.points.push_back({UtcTime::max(), 1, 1});
  plot.points.push_back({UtcTime::min(), 1, 1});
  plot.marks = {{UtcTime::max(), kReboot}, {UtcTime::min(), kReboot}};
  const auto lines = plot_lines(plot, ascii(), 60);
  EXPECT_THAT(lines[0], HasSubstr("8,388,608 TiB")) << "cut to what any machine could have";
  EXPECT_THAT(lines, Contains(HasSubstr("-8,388,608 TiB")));
}

TEST(Plot, UnitsFollowTheSize) {
  const struct {
    double mib;
    const char* top;
  } rows[] = {{3, "8 MiB"},      {100, "128 MiB"},   {900, "1,024 MiB"},  {5000, "6 GiB"},
              {20000, "24 GiB"}, {3000000, "3 TiB"}, {1500, "1,536 MiB"}, {200000, "256 GiB"}};
  for (const auto& row : rows) {
    EXPECT_THAT(plot_lines(hourly({row.mib}), ascii(), 60)[0], HasSubstr(row.top)) << row.mib;
  }
}

TEST(Plot, BelowZeroHasRowsOfItsOwn) {
  Plot plot = hourly({100, 100, 100}, {100, 100, 100});
  plot.points[1].line_kib = mib(-30);
  const auto lines = plot_lines(plot, ascii(), 40);
  EXPECT_EQ(lines.size(), kRows + 3 + 3) << "a row is 10.7 MiB";
  EXPECT_THAT(lines[12], StartsWith("      0 +")) << "the upper edge of the first row below 0";
  EXPECT_THAT(row_of(lines, 14), HasSubstr("o"));
  EXPECT_THAT(row_of(lines, 12), Not(HasSubstr(":"))) << "the area begins at 0";
  EXPECT_THAT(row_of(lines, 14), Not(HasSubstr(":")));
}

TEST(Plot, ALittleBelowZeroIsZero) {
  Plot plot = hourly({512, 512}, {512, 512});
  plot.points[0].line_kib = mib(-1.5);
  const auto lines = plot_lines(plot, ascii(), 40);
  EXPECT_EQ(lines.size(), kRows + 3) << "counter lag is no reason for an axis below 0";
  EXPECT_EQ(row_of(lines, kRows - 1)[0], 'o');
}

TEST(Plot, MissingPointsAreAGap) {
  std::vector<double> series(60, 100);
  Plot plot = hourly(series, series);
  plot.points.erase(plot.points.begin() + 20, plot.points.begin() + 40);
  const auto row = row_of(plot_lines(plot, ascii(), 69), kRows - 1);  // a column an hour
  EXPECT_EQ(row.substr(0, 20), std::string(20, ':'));
  EXPECT_EQ(row.substr(20, 20), std::string(20, ' '));
  EXPECT_EQ(row.substr(40, 20), std::string(20, ':'));
}

TEST(Plot, LatePointsAreNoGap) {
  Plot plot = hourly(std::vector<double>(30, 100));
  plot.points[10].at += std::chrono::minutes(25);
  const auto row = row_of(plot_lines(plot, ascii(), 120), kRows - 1);
  EXPECT_EQ(row.find(' '), std::string::npos) << row;
}

TEST(Plot, AnUnknownLineIsAGapOfTheLineAlone) {
  Plot plot = hourly(std::vector<double>(60, 100), std::vector<double>(60, 112));
  for (std::size_t i = 20; i < 40; ++i) plot.points[i].line_kib.reset();
  const auto lines = plot_lines(plot, ascii(), 69);
  EXPECT_EQ(count_in_column(lines, 30, 'o'), 0u);
  EXPECT_EQ(count_in_column(lines, 10, 'o'), 1u);
  EXPECT_EQ(row_of(lines, kRows - 1).substr(0, 60), std::string(60, ':'));
}

// Of 10,000 points a single one stands out: no column may lose it.
TEST(Plot, ManyPointsAreBinnedByLeastAndLargest) {
  Plot plot;
  for (int i = 0; i < 10'000; ++i) {
    const auto at = at_hour(0) + std::chrono::minutes(5 * i);
    plot.points.push_back({at, mib(i == 7000 ? 1000 : 100), mib(i == 3000 ? 0 : 500)});
  }
  const auto lines = plot_lines(plot, ascii(), 80);
  const std::size_t columns = 80 - 11;
  std::size_t tall = 0;
  std::size_t deep = 0;
  for (std::size_t column = 0; column < columns; ++column) {
    tall += count_in_column(lines, column, ':') > 6 ? 1u : 0u;
    deep += count_in_column(lines, column, 'o') > 4 ? 1u : 0u;
  }
  EXPECT_EQ(tall, 1u) << "the spike of the area";
  EXPECT_EQ(deep, 1u) << "the dip of the line";
}

TEST(Plot, MarksStandOnTheTimeAxis) {
  Plot plot = hourly(std::vector<double>(60, 100));
  plot.marks = {
      {at_hour(10), kReboot}, {at_hour(30), kMove}, {at_hour(50), kReboot}, {at_hour(50), kMove}};
  const auto lines = plot_lines(plot, ascii(), 69);
  const auto axis = row_of(lines, kRows);
  EXPECT_EQ(axis[10], 'R');
  EXPECT_EQ(axis[30], 'M');
  EXPECT_EQ(axis[50], '*');
  EXPECT_THAT(lines.back(), EndsWith(": taken   o missing   R reboot   M move   * several"));
  plot.several = {'+', "both"};
  EXPECT_EQ(row_of(plot_lines(plot, ascii(), 69), kRows)[50], '+');
  EXPECT_THAT(plot_lines(plot, ascii(), 69).back(), EndsWith("M move   + both"));
  plot.marks.clear();
  EXPECT_THAT(plot_lines(plot, ascii(), 69).back(), EndsWith(": taken   o missing"));
}

TEST(Plot, DatesAreRoundAndUtc) {
  const auto dates = [](int hours, std::size_t width) {
    Plot plot = hourly({100});
    plot.points.push_back({at_hour(hours), mib(100), std::nullopt});
    const auto lines = plot_lines(plot, ascii(), width);
    return std::string(trim(lines.at(kRows + 1)));
  };
  EXPECT_THAT(dates(5, 60), HasSubstr("01:00"));
  EXPECT_THAT(dates(36, 60), HasSubstr("11-03"));
  EXPECT_THAT(dates(36, 60), HasSubstr("12:00"));
  EXPECT_THAT(dates(24 * 30, 80), HasSubstr("11-09            11-16")) << "Mondays";
  EXPECT_THAT(dates(24 * 700, 80), HasSubstr("2027-")) << "with the year where it takes one";
}

TEST(Plot, BrailleShowsAreaAndLineInOneCell) {
  const auto lines = plot_lines(hourly({103, 103}, {105, 105}), piped(), 60);
  const std::string all = std::accumulate(lines.begin(), lines.end(), std::string());
  EXPECT_THAT(all, HasSubstr("⡇⡇⡇")) << "the area: left dots";
  EXPECT_THAT(all, HasSubstr("⡍⡍⡍")) << "its upper end, and the line with both dots above it";
  for (const char sign : {':', 'o'}) EXPECT_EQ(row_of(lines, 5).find(sign), std::string::npos);
}

TEST(Plot, AsciiIsAscii) {
  Plot plot = hourly({100, 300, 200}, {110, 330, 190});
  plot.marks = {{at_hour(1), kReboot}};
  for (const auto& line : plot_lines(plot, ascii(), 70)) {
    EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }))
        << line;
  }
}

TEST(Plot, ColourChangesNothingElse) {
  Plot plot = hourly({100, 300, 200}, {110, 330, 190});
  plot.marks = {{at_hour(1), kReboot}};
  auto lines = plot_lines(plot, colour_tty(80), 70);
  for (auto& line : lines) {
    for (auto start = line.find('\x1b'); start != std::string::npos; start = line.find('\x1b')) {
      line.erase(start, line.find('m', start) + 1 - start);
    }
  }
  EXPECT_EQ(lines, plot_lines(plot, piped(), 70));
}

TEST(Plot, FitsEveryWidth) {
  Plot plot = hourly(std::vector<double>(500, 3000), std::vector<double>(500, 3100));
  plot.points[4].line_kib = std::numeric_limits<std::int64_t>::min();
  plot.marks = {{at_hour(10), kReboot}, {at_hour(300), kMove}};
  for (std::size_t width = 20; width <= 200; ++width) {
    for (const auto& traits : {piped(), ascii()}) {
      const auto lines = plot_lines(plot, traits, width);
      ASSERT_FALSE(lines.empty()) << width;
      for (const auto& line : lines) {
        EXPECT_LE(display_width(line), width) << line;
        EXPECT_FALSE(line.ends_with(' ')) << "at " << width << ": " << line;
      }
    }
  }
}

TEST(Plot, LongTitlesFitToo) {
  Plot plot = hourly({10, 20});
  plot.area_title = std::string(100, 'x');
  for (const auto& line : plot_lines(plot, ascii(), 30)) EXPECT_LE(display_width(line), 30u);
}

TEST(Plot, OrderOfThePointsDoesNotMatter) {
  Plot plot = hourly({10, 20, 30, 400, 50, 60}, {12, 22, 32, 402, 52, 62});
  const auto lines = plot_lines(plot, piped(), 60);
  std::reverse(plot.points.begin(), plot.points.end());
  EXPECT_EQ(plot_lines(plot, piped(), 60), lines);
}

}  // namespace
}  // namespace ballast::output
