#include "cli/views/text/waterfall.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/words.h"
#include "cli/views/text/evidence.h"
#include "model/figures.h"
#include "output/table.h"

namespace ballast::cli {

using output::Align;
using output::bar;
using output::Page;
using output::StreamTraits;
using output::Style;
using output::Table;

namespace {

constexpr std::size_t kBarColumns = 24;

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

void print_waterfall(const model::JudgedGuest& guest, Page& page) {
  const auto& account = guest.guest->account;
  const auto balloon = guest.judged_balloon_kib();
  const bool by_driver = balloon != guest.vm.stats.balloon_kib;
  page.heading("Where the guest's memory is");
  Waterfall waterfall(account.mem_total_kib, page.traits());
  for (const auto& part : account.parts) {
    if (part.kib != 0) waterfall.add(page.safe(model::part_title(part.name)), part.kib);
  }
  waterfall.add("unaccounted", account.unaccounted_kib, style_of(guest.judgement.verdict));
  waterfall.add("  baseline", guest.judgement.baseline.kib);
  if (balloon) waterfall.add(by_driver ? "  balloon, by its driver" : "  balloon", *balloon);
  if (const auto difference = guest.difference_kib()) {
    waterfall.add_signed("  difference", *difference);
  }
  waterfall.add("MemTotal", account.mem_total_kib, Style::kStrong);
  page.table(waterfall.table(), 2);
}

}  // namespace ballast::cli
