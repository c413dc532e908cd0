#include "tests/e2e/harness/history_truth.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace ballast::e2e {

namespace {

// The fields of the record that begins at `at`, which moves behind its CRLF.
std::vector<std::string> next_record(std::string_view text, std::size_t& at) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  while (at < text.size()) {
    const char c = text[at++];
    if (quoted) {
      const bool doubled = c == '"' && at < text.size() && text[at] == '"';
      if (c == '"' && !doubled) {
        quoted = false;
        continue;
      }
      if (doubled) ++at;
      fields.back() += c;
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\r' && at < text.size() && text[at] == '\n') {
      ++at;
      return fields;
    } else {
      fields.back() += c;
    }
  }
  throw std::runtime_error("the last record has no end");
}

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text) {
  std::size_t at = 0;
  const auto header = next_record(text, at);
  std::vector<CsvRow> rows;
  while (at < text.size()) {
    const auto fields = next_record(text, at);
    if (fields.size() != header.size()) throw std::runtime_error("a record of another length");
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < fields.size(); ++i) row[header[i]] = fields[i];
  }
  return rows;
}

Spread spread_of(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  const auto sum = std::accumulate(values.begin(), values.end(), std::int64_t{0});
  const auto count = static_cast<double>(values.size());
  const auto rank = static_cast<std::size_t>(std::ceil(0.95 * count));
  return {values.front(), std::llround(static_cast<double>(sum) / count), values[rank - 1],
          values.back()};
}

void TruthRecord::add(UtcTime scan, const nlohmann::json& truth,
                      const std::map<std::string, std::int64_t>& unaccounted_kib) {
  for (const auto& vm : truth.at("vms")) {
    Sample sample{scan, vm, {}};
    const auto known = unaccounted_kib.find(vm.at("capture").get<std::string>());
    if (vm.at("power") == "on" && known != unaccounted_kib.end()) {
      sample.unaccounted_kib = known->second;
    }
    samples_.push_back(std::move(sample));
  }
}

std::map<std::pair<std::string, UtcTime>, std::vector<TruthRecord::Sample>> TruthRecord::periods(
    std::chrono::seconds length, UtcTime last) const {
  std::map<std::pair<std::string, UtcTime>, std::vector<Sample>> periods;
  for (const auto& sample : samples_) {
    const auto start = UtcTime(sample.scan.time_since_epoch() / length * length);
    if (start + length > last) continue;
    periods[{sample.vm.at("name"), start}].push_back(sample);
  }
  return periods;
}

}  // namespace ballast::e2e
