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

SampleTimes::SampleTimes(std::string_view text) {
  const auto fields = fields_of(text);
  are_pairs_ = fields.size() % 2 == 0;
  for (std::size_t i = 1; i < fields.size(); i += 2) {
    const auto end = parse_iso8601(fields[i]);
    ends_.push_back(end ? std::optional(*end) : std::nullopt);
  }
}

std::vector<MetricSample> SampleTimes::with(std::string_view values) const {
  const auto figures = fields_of(values);
  std::vector<MetricSample> out;
  if (!are_pairs_ || ends_.size() != figures.size()) return out;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const auto value = measured(figures[i]);
    if (value && ends_[i]) out.push_back({*ends_[i], *value});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return out;
}

}  // namespace ballast::vsphere
