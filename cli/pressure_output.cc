#include "cli/pressure_output.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"

namespace ballast::cli {

namespace {

using Figure = std::optional<std::int64_t>;

std::string percent(std::int64_t centi) {
  return fmt::format("{:.1f} %", static_cast<double>(centi) / 100);
}

std::string stalls_now(const model::MemoryPressure& psi) {
  const auto some = fmt::format("tasks stalled {} of the last 10 s", percent(psi.some_avg10_centi));
  if (psi.full_avg10_centi == 0) return some;
  return some + fmt::format(", all of them at once {}", percent(psi.full_avg10_centi));
}

// "0.4 s", "95 s", "12 min", "3 h".
std::string duration(std::int64_t microseconds) {
  const auto seconds = microseconds / 1'000'000;
  if (seconds < 10) return fmt::format("{:.1f} s", static_cast<double>(microseconds) / 1e6);
  if (seconds < 180) return fmt::format("{} s", seconds);
  if (seconds < 180 * 60) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} h", grouped(seconds / 3600));
}

// What happened at all since the boot; nothing that is 0 or not known.
std::vector<std::string> events(const model::ReclaimPressure& pressure) {
  std::vector<std::string> said;
  const auto say = [&said](std::string_view what, const Figure& figure, auto format) {
    if (figure.value_or(0) > 0) said.push_back(fmt::format("{} {}", what, format(*figure)));
  };
  if (pressure.psi) say("tasks stalled for", Figure(pressure.psi->some_total_us), duration);
  say("allocations that had to wait", pressure.alloc_stalls, grouped);
  say("reclaimed meanwhile", pressure.direct_reclaimed_kib, format_size);
  say("swapped out", pressure.swapped_out_kib, format_size);
  say("swapped in", pressure.swapped_in_kib, format_size);
  say("page cache dropped and read again", pressure.refaulted_kib, format_size);
  say("tasks killed for lack of memory", pressure.oom_kills, grouped);
  return said;
}

}  // namespace

void print_pressure(const model::ReclaimPressure& pressure, Page& page) {
  if (!pressure.known()) return;
  page.heading("How short of memory the guest was");
  if (pressure.psi) page.field("now", stalls_now(*pressure.psi));
  const auto said = events(pressure);
  page.field("since boot", said.empty() ? "never: no allocation had to wait, nothing was swapped"
                                        : fmt::format("{}", fmt::join(said, "; ")));
}

}  // namespace ballast::cli
