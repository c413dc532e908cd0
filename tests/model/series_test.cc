// 62 readings of one guest, some two seconds apart, while its balloon grows and shrinks.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/units.h"
#include "model/account.h"
#include "model/meminfo.h"
#include "tests/model/captures.h"

namespace ballast::test {
namespace {

const std::string kSeries = BALLAST_TEST_DATA "/captures/series_idle_2048";

std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> found;
  while (!line.empty()) {
    const auto comma = std::min(line.find(','), line.size());
    found.emplace_back(line.substr(0, comma));
    line.remove_prefix(std::min(comma + 1, line.size()));
  }
  return found;
}

struct Point {
  std::int64_t before_kib = 0;  // the balloon just before the reading …
  std::int64_t after_kib = 0;   // … and just after it
  std::int64_t unaccounted_kib = 0;
};

Point load(const std::map<std::string, std::string>& row) {
  model::GuestReading reading;
  reading.kernel_release = "6.1.0-56-amd64";
  const auto file = fmt::format("{}/points/{:03}.meminfo", kSeries, std::stoi(row.at("i")));
  reading.meminfo = model::parse_meminfo(read_text(file)).value();
  model::ZoneTotals zones;
  zones.cpus = 2;
  zones.pcp_pages = std::stoll(row.at("pcp_pages"));
  reading.zones = zones;
  return {kib_from_bytes(std::stoll(row.at("balloon_before"))),
          kib_from_bytes(std::stoll(row.at("balloon_after"))),
          model::account_memory(reading)->unaccounted_kib};
}

std::vector<Point> load_series() {
  const auto text = read_text(kSeries + "/series.csv");
  const auto lines = split_lines(text);
  const auto header = cells(lines.at(0));
  std::vector<Point> points;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto values = cells(lines[i]);
    std::map<std::string, std::string> row;
    for (std::size_t c = 0; c < header.size(); ++c) row[header[c]] = values.at(c);
    points.push_back(load(row));
  }
  return points;
}

TEST(Accuracy, FollowsAMovingBalloon) {
  const auto points = load_series();
  ASSERT_EQ(points.size(), 62U);
  ASSERT_EQ(points[0].before_kib, 0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& point = points[i];
    const auto seen = point.unaccounted_kib - points[0].unaccounted_kib;
    EXPECT_GE(seen, std::min(point.before_kib, point.after_kib) - kKibPerMib) << "point " << i;
    EXPECT_LE(seen, std::max(point.before_kib, point.after_kib) + kKibPerMib) << "point " << i;
  }
}

}  // namespace
}  // namespace ballast::test
