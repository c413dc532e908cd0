#include "cli/vm_memory.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/report.h"

namespace ballast::cli {

namespace {

constexpr std::size_t kBarColumns = 24;

using Kib = std::optional<std::int64_t>;

std::string limit_note(const model::VmView& vm) {
  const Kib limit = vm.allocation.limit_kib;
  if (!limit || *limit == model::kUnlimited || !vm.configured_kib) return {};
  return *limit < *vm.configured_kib ? "below the configured memory" : "";
}

std::string limit_figure(const Kib& limit) {
  return limit == Kib(model::kUnlimited) ? "unlimited" : or_dash(limit, whole_mib);
}

class Waterfall {
 public:
  Waterfall(std::int64_t mem_total_kib, const StreamTraits& traits)
      : mem_total_kib_(mem_total_kib),
        unicode_(traits.unicode),
        table_({{"PART", "", "", Align::kLeft, 16, 0},
                {"SIZE", "", "MiB", Align::kRight, 0, 0},
                {"SHARE", "", "%", Align::kRight, 0, 0},
                {"", "", "", Align::kLeft, 0, 1}}) {}

  void add(const std::string& title, std::int64_t kib, Style style = Style::kPlain) {
    table_.add_row({{title, style},
                    {mib(kib), style},
                    {share(kib)},
                    {bar(kib, mem_total_kib_, kBarColumns, unicode_), style}});
  }
  // A figure that is a correction, not a piece of memory.
  void add_signed(const std::string& title, std::int64_t kib) {
    table_.add_row({{title}, {signed_mib(kib)}, {}, {}});
  }
  [[nodiscard]] const Table& table() const { return table_; }

 private:
  [[nodiscard]] std::string share(std::int64_t kib) const {
    if (mem_total_kib_ <= 0) return {};
    return fmt::format("{:.1f}",
                       100.0 * static_cast<double>(kib) / static_cast<double>(mem_total_kib_));
  }

  std::int64_t mem_total_kib_;
  bool unicode_;
  Table table_;
};

}  // namespace

std::string bar(std::int64_t part, std::int64_t whole, std::size_t columns, bool unicode) {
  if (part <= 0 || whole <= 0) return {};
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double share = std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
  const auto eighths = static_cast<std::size_t>(share * static_cast<double>(columns) * 8 + 0.5);
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += unicode ? "█" : "#";
  if (unicode) return out.append(kEighths[eighths % 8]);
  return eighths % 8 >= 4 ? out + "#" : out;
}

void print_hypervisor(const model::VmView& vm, Page& page) {
  page.heading("What vCenter says");
  Table table({{"FIGURE", "", "", Align::kLeft, 0, 0},
               {"SIZE", "", "MiB", Align::kRight, 0, 0},
               {"", "", "", Align::kLeft, 8, 1}});
  const auto add = [&table](const std::string& title, const std::string& figure,
                            const std::string& note = "") {
    table.add_row({{title}, {figure}, {note, Style::kNotice}});
  };
  const auto& stats = vm.stats;
  add("configured", or_dash(vm.configured_kib, whole_mib));
  add("limit", limit_figure(vm.allocation.limit_kib), limit_note(vm));
  add("reservation", or_dash(vm.allocation.reservation_kib, whole_mib));
  add("consumed", or_dash(stats.consumed_kib, whole_mib));
  add("active", or_dash(stats.active_kib, whole_mib));
  add("ballooned", or_dash(stats.balloon_kib, whole_mib));
  add("swapped by host", or_dash(stats.swapped_kib, whole_mib));
  add("compressed", or_dash(stats.compressed_kib, mib));
  page.table(table, 2);
}

void print_waterfall(const storage::VmRow& row, Page& page) {
  const auto& guest = *row.guest;
  const auto& judgement = row.judgement;
  page.heading("Where the guest's memory is");
  Waterfall waterfall(guest.mem_total_kib, page.traits());
  for (const auto& part : guest.parts) {
    if (part.kib != 0) waterfall.add(page.safe(part_title(part.name)), part.kib);
  }
  waterfall.add("unaccounted", guest.unaccounted_kib, style_of(judgement.verdict));
  waterfall.add("  baseline", judgement.baseline.kib);
  if (const auto balloon = judged_balloon(row)) {
    const bool as_vcenter_says = balloon == row.vm.stats.balloon_kib;
    waterfall.add(as_vcenter_says ? "  balloon" : "  balloon, by its driver", *balloon);
    waterfall.add_signed("  difference", *known_difference(row));
  }
  waterfall.add("MemTotal", guest.mem_total_kib, Style::kStrong);
  page.table(waterfall.table(), 2);
}

std::vector<Cell> history_cells(const storage::VmRow& row) {
  const auto& judgement = row.judgement;
  const auto words = std::string(proof_or_reason(judgement));
  // Without the unit, which stands in the head.
  std::string when = format_when(row.vm.polled_at);
  when.resize(when.size() - std::string_view(" UTC").size());
  return {{when},
          {or_dash(shown_balloon(row), whole_mib)},
          {row.guest ? mib(row.guest->unaccounted_kib) : "-"},
          {or_dash(known_difference(row), signed_mib)},
          {std::string(model::to_string(judgement.verdict)), style_of(judgement.verdict)},
          {words.empty() ? "-" : words}};
}

}  // namespace ballast::cli
