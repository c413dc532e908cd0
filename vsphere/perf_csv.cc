#include "vsphere/perf_csv.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace ballast::vsphere {

namespace {

// Beyond any memory in KB; keeps sums from overflowing.
constexpr std::int64_t kLargestValue = std::int64_t{1} << 50;

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> out;
  if (trim(text).empty()) return out;
  while (true) {
    const auto comma = text.find(',');
    out.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::int64_t> measured(std::string_view digits) {
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  const bool is_sane = error == std::errc() && stop == end && value >= 0 && value <= kLargestValue;
  return is_sane ? std::optional(value) : std::nullopt;
}

}  // namespace

std::vector<MetricSample> samples_of(std::string_view times, std::string_view values) {
  const auto intervals_and_ends = fields_of(times);
  const auto figures = fields_of(values);
  std::vector<MetricSample> out;
  if (intervals_and_ends.size() != 2 * figures.size()) return out;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const auto value = measured(figures[i]);
    const auto at = parse_iso8601(intervals_and_ends[2 * i + 1]);
    if (value && at) out.push_back({*at, *value});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return out;
}

}  // namespace ballast::vsphere
