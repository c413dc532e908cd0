#include "tests/accuracy/accuracy_tables.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"
#include "tests/accuracy/accuracy.h"

namespace ballast::test {

namespace {

using Guests = std::vector<const Measured*>;
using Row = std::vector<std::string>;

// Oldest first, with the names that people use.
struct Kernel {
  const char* key;
  const char* name;
  const char* short_name;
};
constexpr Kernel kKernels[] = {
    {"eras/rhel5", "2.6.18-274.7.1.el5 (RHEL 5.7)", "2.6.18"},
    {"eras/rhel5-i686", "2.6.18-274.7.1.el5 (RHEL 5.7, i686 PAE)", "2.6.18 i686"},
    {"eras/rhel6", "2.6.32-754.35.1.el6 (RHEL 6.10)", "2.6.32"},
    {"eras/rhel7", "3.10.0-1062.el7 (RHEL 7.7)", "3.10"},
    {"eras/rhel81", "4.18.0-147.5.1.el8 (RHEL 8.1)", "4.18 (8.1)"},
    {"eras/rhel8", "4.18.0-348.2.1.el8 (RHEL 8.5)", "4.18 (8.5)"},
    {"eras/rhel810", "4.18.0-553.66.1.el8_10 (RHEL 8.10)", "4.18 (8.10)"},
    {"eras/rhel96", "5.14.0-570.32.1.el9_6 (RHEL 9.6)", "5.14 (9.6)"},
    {"eras/rhel96-mglru", "5.14.0-570.32.1.el9_6 (RHEL 9.6, MGLRU)", "5.14 (9.6, MGLRU)"},
    {"6.1", "6.1.0-56 (Debian 12)", "6.1"},
    {"eras/rhel10", "6.12.0-55.24.1.el10_0 (RHEL 10.0)", "6.12 (10.0)"},
    {"eras/debian612", "6.12.117 (Debian 13)", "6.12 (Debian)"},
    {"eras/u619", "6.19.0", "6.19"},
};

const char* short_name(const Capture& capture) {
  const auto* found =
      std::find_if(std::begin(kKernels), std::end(kKernels),
                   [&](const Kernel& kernel) { return capture.kernel() == kernel.key; });
  if (found == std::end(kKernels)) throw std::runtime_error("no such kernel: " + capture.kernel());
  return found->short_name;
}

// KiB as MiB with two digits, never "-0.00".
std::string mib(double kib) {
  const auto text = fmt::format("{:.2f}", kib / static_cast<double>(kKibPerMib));
  return text == "-0.00" ? "0.00" : text;
}
std::string mib(std::int64_t kib) { return mib(static_cast<double>(kib)); }
std::string signed_mib(std::int64_t kib) {
  const auto text = mib(kib);
  return kib > 0 && text != "0.00" ? "+" + text : text;
}

std::string table(const Row& header, const std::vector<Row>& rows) {
  const auto line = [](const Row& cells) {
    return fmt::format("| {} |\n", fmt::join(cells, " | "));
  };
  auto text = line(header) + line(Row(header.size(), "---"));
  for (const auto& row : rows) text += line(row);
  return text;
}

Guests choose(Access access, const std::function<bool(const Measured&)>& wanted) {
  Guests chosen;
  for (const auto& guest : measured(access)) {
    if (wanted(guest)) chosen.push_back(&guest);
  }
  return chosen;
}

Guests plain_of(const Kernel& kernel, Access access = Access::kRoot) {
  return choose(access, [&kernel](const Measured& guest) {
    return guest.capture.kernel() == kernel.key && guest.capture.is_plain();
  });
}

// "3.71" or, if they differ, "2.98 – 5.60".
std::string range(std::int64_t least, std::int64_t most) {
  const auto low = mib(least);
  const auto high = mib(most);
  return low == high ? low : low + " – " + high;
}

std::string baseline_range(const Guests& guests) {
  std::set<std::int64_t> baselines;
  for (const auto* guest : guests) baselines.insert(baseline_kib(*guest));
  return range(*baselines.begin(), *baselines.rbegin());
}

// Errors of readings at rest or under load, without those that are what the others are compared
// with: theirs is 0 by definition.
std::vector<std::int64_t> errors(const Guests& guests, bool load, Access access) {
  std::vector<std::int64_t> found;
  for (const auto* guest : guests) {
    const auto& capture = guest->capture;
    if (capture.is_loaded() != load || capture.is_reference()) continue;
    found.push_back(error_kib(*guest, access));
  }
  return found;
}

std::string largest(const Guests& guests, bool load, Access access = Access::kRoot) {
  std::int64_t most = -1;
  for (const auto error : errors(guests, load, access)) most = std::max(most, std::abs(error));
  return most < 0 ? "–" : mib(most);
}

std::string deviation(const Guests& guests) {
  const auto all = errors(guests, false, Access::kRoot);
  const auto count = static_cast<double>(all.size());
  double sum = 0;
  double squares = 0;
  for (const auto error : all) {
    sum += static_cast<double>(error);
    squares += static_cast<double>(error) * static_cast<double>(error);
  }
  return mib(std::sqrt(std::max(0.0, squares / count - sum / count * sum / count)));
}

// "62 balloon, 25 clean": the verdicts, the most frequent word first.
std::string verdicts(const Guests& guests) {
  std::map<std::string, int> counts;
  for (const auto* guest : guests) ++counts[std::string(model::to_string(guest->judge().verdict))];
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [word, count] : counts) order.emplace_back(-count, word);
  std::sort(order.begin(), order.end());
  std::vector<std::string> words;
  for (const auto& [count, word] : order) words.push_back(fmt::format("{} {}", -count, word));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string wrong(const Guests& guests) {
  const auto count = std::count_if(guests.begin(), guests.end(), [](const Measured* guest) {
    const auto verdict = guest->judge().verdict;
    return verdict != guest->expected() && verdict != model::Verdict::kUnknown;
  });
  return fmt::format("{}", count);
}

std::size_t boots(const Guests& guests) {
  std::set<std::string> names;
  for (const auto* guest : guests) names.insert(guest->capture.boot);
  return names.size();
}

const char* state_of(const Capture& capture) {
  if (capture.under_load()) return "under reclaim";
  return capture.is_loaded() ? "many objects" : "at rest";
}

Row kernel_row(const std::string& name, const Guests& guests) {
  return {name,
          fmt::format("{}", guests.size()),
          fmt::format("{}", boots(guests)),
          baseline_range(guests),
          deviation(guests),
          largest(guests, false),
          largest(guests, true),
          verdicts(guests),
          wrong(guests)};
}

std::string balloons(const Guests& guests) {
  std::int64_t most = 0;
  for (const auto* guest : guests) most = std::max(most, guest->capture.balloon_kib);
  return most == 0 ? "0" : fmt::format("0 – {}", most / kKibPerMib);
}

Row scenario_row(const Guests& guests) {
  const auto& capture = guests.front()->capture;
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (const auto* guest : guests) {
    least = std::min(least, error_kib(*guest));
    most = std::max(most, error_kib(*guest));
  }
  return {short_name(capture),
          capture.scenario(),
          fmt::format("{} / {}", capture.ram_mib, capture.cpus),
          capture.driver,
          fmt::format("{}", guests.size()),
          balloons(guests),
          baseline_range(guests),
          signed_mib(least),
          signed_mib(most),
          verdicts(guests)};
}

std::string witness(const Figures& figures) {
  return figures ? fmt::format("{} – {}", figures->first, figures->second) : "none";
}

// The same guest whose driver says that it holds nothing.
Measured with_empty_driver(Measured guest) {
  guest.account.driver_kib = 0;
  return guest;
}

Row negative_row(const Measured& guest) {
  const auto judgement = guest.judge(0);
  return {short_name(guest.capture),
          guest.capture.scenario() + "/" + guest.capture.label,
          fmt::format("{}", guest.capture.hidden_mib()),
          signed_mib(error_kib(guest)),
          std::string(to_string(judgement.verdict)),
          signed_mib(judgement.difference_kib),
          mib(judgement.tolerance_kib),
          witness(taken_for_a_balloon(guest)),
          witness(taken_for_a_balloon(with_empty_driver(guest)))};
}

Row balloon_row(const Measured& guest) {
  return {short_name(guest.capture), guest.capture.scenario() + "/" + guest.capture.label,
          fmt::format("{}", guest.capture.balloon_kib / kKibPerMib), signed_mib(error_kib(guest)),
          std::string(to_string(guest.judge().verdict))};
}

Row series_row(const Series& one) {
  const auto points = follow(one);
  std::int64_t moving = 0;
  std::int64_t most = 0;
  std::int64_t widest = 0;
  std::int64_t outside_moving = 0;
  std::int64_t outside_still = 0;
  for (const auto& point : points) {
    auto& outside = point.moving() ? outside_moving : outside_still;
    outside = std::max(outside, point.outside_kib());
    moving += point.moving() ? 1 : 0;
    most = std::max(most, point.most_kib);
    widest = std::max(widest, point.most_kib - point.least_kib);
  }
  return {one.boot,
          fmt::format("{}", points.size()),
          fmt::format("0 – {}", most / kKibPerMib),
          mib(outside_still),
          fmt::format("{}", moving),
          mib(widest),
          mib(outside_moving)};
}

}  // namespace

std::string kernel_table() {
  std::vector<Row> rows;
  for (const auto& kernel : kKernels) rows.push_back(kernel_row(kernel.name, plain_of(kernel)));
  rows.push_back(kernel_row("all", choose(Access::kRoot, [](const Measured& guest) {
                              return guest.capture.is_plain();
                            })));
  return table({"kernel", "readings", "boots", "baseline", "deviation at rest",
                "largest error at rest", "… loaded", "verdicts", "wrong"},
               rows);
}

std::string scenario_table() {
  std::vector<Row> rows;
  for (const auto& kernel : kKernels) {
    std::map<std::string, Guests> by_boot;
    for (const auto* guest : plain_of(kernel)) by_boot[guest->capture.boot].push_back(guest);
    for (const auto& [boot, guests] : by_boot) rows.push_back(scenario_row(guests));
  }
  return table({"kernel", "scenario", "RAM / CPUs", "driver", "readings", "balloon", "baseline",
                "lowest error", "highest", "verdicts"},
               rows);
}

std::string worst_table() {
  constexpr std::size_t kRows = 12;
  auto guests =
      choose(Access::kRoot, [](const Measured& guest) { return guest.capture.is_plain(); });
  std::stable_sort(guests.begin(), guests.end(), [](const Measured* a, const Measured* b) {
    return std::abs(error_kib(*a)) > std::abs(error_kib(*b));
  });
  guests.resize(std::min(guests.size(), kRows));
  std::vector<Row> rows;
  for (const auto* guest : guests) {
    const auto& capture = guest->capture;
    rows.push_back({short_name(capture), capture.scenario() + "/" + capture.label,
                    fmt::format("{}", capture.balloon_kib / kKibPerMib), state_of(capture),
                    signed_mib(error_kib(*guest))});
  }
  return table({"kernel", "reading", "balloon", "state", "error"}, rows);
}

std::string access_table() {
  std::vector<Row> rows;
  for (const auto& kernel : kKernels) {
    Row row = {kernel.name};
    for (const auto access : {Access::kRoot, Access::kNoRoot, Access::kNoZoneinfo}) {
      const auto guests = plain_of(kernel, access);
      row.push_back(largest(guests, false, access));
      row.push_back(largest(guests, true, access));
      row.push_back(verdicts(guests));
      row.push_back(wrong(guests));
    }
    rows.push_back(row);
  }
  return table(
      {"kernel", "root: at rest", "loaded", "verdicts", "wrong", "no root: at rest", "loaded",
       "verdicts", "wrong", "no zoneinfo: at rest", "loaded", "verdicts", "wrong"},
      rows);
}

std::string series_table() {
  std::vector<Row> rows;
  for (const auto& one : series()) rows.push_back(series_row(one));
  return table({"series", "readings", "balloon", "at a standstill: largest error", "while it moves",
                "widest bracket", "largest error outside the bracket"},
               rows);
}

std::string negatives_table() {
  std::vector<Row> rows;
  for (const auto& kernel : kKernels) {
    for (const auto& guest : measured()) {
      const auto& capture = guest.capture;
      if (capture.kernel() != kernel.key || capture.hidden_mib() == 0) continue;
      rows.push_back(negative_row(guest));
    }
  }
  return table({"kernel", "reading", "hidden", "unaccounted rises by", "verdict with 0",
                "difference", "tolerance", "figures taken for a balloon", "… if the driver says 0"},
               rows);
}

std::string counted_table() {
  std::vector<Row> rows;
  for (const auto& kernel : kKernels) {
    for (const auto* guest : plain_of(kernel)) {
      const auto& capture = guest->capture;
      if (capture.driver != "negative" || capture.is_reference()) continue;
      rows.push_back(balloon_row(*guest));
    }
  }
  return table({"kernel", "reading", "balloon", "error", "verdict"}, rows);
}

std::string lowered_table() {
  const auto guests =
      choose(Access::kRoot, [](const Measured& guest) { return guest.capture.lowers_mem_total(); });
  std::vector<Row> rows;
  for (const auto* guest : guests) rows.push_back(balloon_row(*guest));
  return table({"kernel", "reading", "balloon", "error", "verdict"}, rows);
}

}  // namespace ballast::test
