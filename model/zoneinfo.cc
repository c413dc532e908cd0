#include "model/zoneinfo.h"

#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kMaxCpus = 1 << 16;
constexpr std::string_view kThreshold = "vm stats threshold:";

tl::unexpected<Error> bad_line(std::string_view line) {
  return fail(ErrorCode::kParse,
              fmt::format("zoneinfo: cannot understand the line '{}'", printable(line, 80)));
}

// False if `word` is no number or the sum grows absurd.
bool add(std::string_view word, std::int64_t& sum) {
  const auto value = parse_number(word);
  if (!value || *value > kMaxNumber - sum) return false;
  sum += *value;
  return true;
}

struct Reader {
  ZoneTotals totals;
  std::set<std::int64_t> cpus;
  bool any_zone = false;

  bool read(std::string_view line);
};

// False for a line that should hold a number that we need, and does not.
bool Reader::read(std::string_view line) {
  auto rest = trim(line);
  if (rest.starts_with(kThreshold)) {
    return add(trim(rest.substr(kThreshold.size())), totals.stat_threshold_pages);
  }
  const auto key = next_word(rest);
  if (key == "Node") any_zone = true;
  if (key == "count:") return add(trim(rest), totals.pcp_pages);
  if (key == "managed") return add(trim(rest), totals.managed_pages);
  if (key == "present") return add(trim(rest), totals.present_pages);
  if (key == "cpu:") {
    const auto cpu = parse_number(next_word(rest));
    if (!cpu || *cpu >= kMaxCpus) return false;
    cpus.insert(*cpu);
  }
  return true;
}

std::optional<std::int64_t*> total_named(std::string_view name, ZoneTotals& totals,
                                         std::int64_t& cpus) {
  if (name == "pcp") return &totals.pcp_pages;
  if (name == "managed") return &totals.managed_pages;
  if (name == "present") return &totals.present_pages;
  if (name == "threshold") return &totals.stat_threshold_pages;
  if (name == "cpus") return &cpus;
  return std::nullopt;
}

}  // namespace

Result<ZoneTotals> parse_zoneinfo(std::string_view text) {
  Reader reader;
  for (const auto line : split_lines(text)) {
    if (!reader.read(line)) return bad_line(line);
  }
  if (!reader.any_zone) return fail(ErrorCode::kParse, "zoneinfo: it has no zone");
  reader.totals.cpus = static_cast<int>(reader.cpus.size());
  return reader.totals;
}

Result<ZoneTotals> parse_zone_totals(std::string_view text) {
  ZoneTotals totals;
  std::int64_t cpus = 0;
  std::set<std::string_view> seen;
  for (const auto line : split_lines(text)) {
    auto rest = line;
    const auto name = next_word(rest);
    if (name.empty()) continue;
    const auto total = total_named(name, totals, cpus);
    const auto value = parse_number(trim(rest));
    if (!total || !value || !seen.insert(name).second) return bad_line(line);
    **total = *value;
  }
  if (seen.size() != 5 || cpus > kMaxCpus) {
    return fail(ErrorCode::kParse, "zoneinfo: its totals are incomplete or absurd");
  }
  totals.cpus = static_cast<int>(cpus);
  return totals;
}

}  // namespace ballast::model
