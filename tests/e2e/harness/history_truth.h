// What the lab says happened while it was scanned, and what rollups of that come to: computed here,
// by other code than the program's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/time.h"

namespace ballast::e2e {

using CsvRow = std::map<std::string, std::string>;  // by column
// RFC 4180 with a header, strictly: anything else throws.
std::vector<CsvRow> parse_csv(std::string_view text);

// Of all samples of a VM or host in a period.
struct Spread {
  std::int64_t min = 0;
  std::int64_t mean = 0;
  std::int64_t p95 = 0;
  std::int64_t max = 0;
  friend bool operator==(const Spread&, const Spread&) = default;
};
Spread spread_of(std::vector<std::int64_t> values);  // not empty

class TruthRecord {
 public:
  // The lab's /truth at a scan; sizes in unaccounted_kib are the guest's whole account, by capture.
  void add(UtcTime scan, const nlohmann::json& truth,
           const std::map<std::string, std::int64_t>& unaccounted_kib);

  struct Sample {
    UtcTime scan{};
    nlohmann::json vm;
    std::optional<std::int64_t> unaccounted_kib;
  };
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  // By name of the VM and start of the period that `length` long, of those that ended before
  // `last`.
  [[nodiscard]] std::map<std::pair<std::string, UtcTime>, std::vector<Sample>> periods(
      std::chrono::seconds length, UtcTime last) const;

 private:
  std::vector<Sample> samples_;
};

}  // namespace ballast::e2e
