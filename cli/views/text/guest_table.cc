#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/words.h"
#include "cli/views/text/evidence.h"
#include "cli/views/text/report.h"
#include "fleet/causes.h"
#include "model/figures.h"
#include "output/page.h"

namespace ballast::cli {

using fleet::cause_title;
using fleet::Report;
using fleet::ReportSort;
using model::JudgedGuest;
using output::Align;
using output::Cell;
using output::Column;
using output::Page;
using output::Style;
using output::Table;

namespace {

using model::Verdict;

// What a row ends with: the proof, who may hold an excess, or why there is no verdict.
std::string last_words(const JudgedGuest& row) {
  const auto& judgement = row.judgement;
  if (judgement.verdict == Verdict::kExcess) {
    const auto suspect = row.guest ? largest_suspect(row.guest->suspects) : "";
    return suspect.empty() && judgement.leak ? "leak" : suspect;
  }
  return std::string(judgement.verdict == Verdict::kUnknown ? model::describe(judgement.reason)
                                                            : model::to_string(judgement.proof));
}

std::string word_or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

class GuestTable {
 public:
  GuestTable(const Report& report, const Page& page) : report_(report), page_(page) {}

  Table build() {
    add_names();
    add_sizes();
    add_words();
    std::vector<Column> columns;
    for (const auto& [column, cell] : columns_) columns.push_back(column);
    Table table(std::move(columns));
    for (const auto& row : report_.rows) {
      std::vector<Cell> cells;
      for (const auto& [column, cell] : columns_) cells.push_back(cell(row));
      table.add_row(std::move(cells));
    }
    return table;
  }

 private:
  using CellOf = std::function<Cell(const JudgedGuest&)>;

  // In the order in which columns go where the room is short: first what is the same in each row or
  // seldom asked, last what was found, how much it is and what to do about it. The column that
  // gives the order stays.
  enum DropOrder {
    kNever,
    kSameVerdict,
    kMemory,
    kVcenter,
    kHost,
    kCauseOfExcess,
    kProof,
    kLeak,
    kDifference,
    kCause,
    kBalloon,
    kVerdict,
    kUnaccounted,
    kReason
  };

  [[nodiscard]] DropOrder unless_sorted_by(ReportSort sort, DropOrder order) const {
    return report_.query.sort == sort ? kNever : order;
  }

  void add(Column column, CellOf cell) {
    columns_.emplace_back(std::move(column), std::move(cell));
  }

  void add_text(const char* title, std::size_t min_width, DropOrder order,
                std::string JudgedGuest::*text) {
    add({title, "", "", Align::kLeft, min_width, order},
        [this, text](const JudgedGuest& row) { return Cell{word_or_dash(page_.safe(row.*text))}; });
  }
  void add_size(const char* title, const char* short_title, const char* unit, DropOrder order,
                std::string_view key, std::string (*format)(std::int64_t)) {
    add({title, short_title, unit, Align::kRight, 0, order},
        [&figure = model::figure(key), format](const JudgedGuest& row) {
          const auto value = figure.get(row);
          const auto* kib = std::get_if<std::int64_t>(&value);
          return Cell{kib == nullptr ? "-" : format(*kib)};
        });
  }

  [[nodiscard]] bool any(bool (*has)(const JudgedGuest&)) const {
    return std::any_of(report_.rows.begin(), report_.rows.end(), has);
  }

  void add_names() {
    add({"NAME", "", "", Align::kLeft, 14, kNever}, [this](const JudgedGuest& row) {
      return Cell{page_.safe(row.vm.name), Style::kStrong};
    });
    if (report_.scans.size() > 1) add_text("VCENTER", 7, kVcenter, &JudgedGuest::vcenter);
    if (report_.query.sort == ReportSort::kCluster) {
      add_text("CLUSTER", 8, kNever, &JudgedGuest::cluster);
    }
    add_text("HOST", 10, unless_sorted_by(ReportSort::kHost, kHost), &JudgedGuest::host);
  }

  void add_sizes() {
    add_size("MEMORY", "", "MiB", unless_sorted_by(ReportSort::kMemory, kMemory), "memory_kib",
             whole_mib);
    if (report_.query.sort == ReportSort::kConsumed) {
      add_size("CONSUMED", "", "MiB", kNever, "consumed_kib", whole_mib);
    }
    add_size("BALLOON", "", "MiB", kBalloon, "shown_balloon_kib", whole_mib);
    if (report_.guests_read == 0) {
      add_size("LIMIT", "", "MiB", kMemory, "limit_kib", whole_mib);
      return;
    }
    add_size("UNACCOUNTED", "UNACC.", "MiB", kUnaccounted, "unaccounted_kib", mib);
    add_size("DIFFERENCE", "DIFF.", "MiB", unless_sorted_by(ReportSort::kDifference, kDifference),
             "difference_kib", signed_mib);
    if (any([](const JudgedGuest& row) { return row.judgement.leak.has_value(); })) {
      add_size("LEAK", "", "MiB/day", unless_sorted_by(ReportSort::kLeak, kLeak),
               "leak_kib_per_day", signed_mib);
    }
  }

  void add_cause(bool only_excess) {
    if (!any([](const JudgedGuest& row) { return !row.causes.empty(); })) return;
    add({"CAUSE", "", "", Align::kLeft, 0, only_excess ? kCauseOfExcess : kCause},
        [](const JudgedGuest& row) { return Cell{word_or_dash(cause_title(row.causes))}; });
  }

  void add_words() {
    const auto& query = report_.query;
    // Where nobody was asked, no guest has a verdict.
    if (query.every_balloon && report_.guests_read == 0) return add_cause(false);
    const bool one_verdict = query.verdicts.size() == 1 && !query.every_balloon;
    // The same in each row: of little use.
    add({"VERDICT", "", "", Align::kLeft, 0, one_verdict ? kSameVerdict : kVerdict},
        [](const JudgedGuest& row) {
          const auto verdict = row.judgement.verdict;
          return Cell{std::string(model::to_string(verdict)), style_of(verdict)};
        });
    add_cause(one_verdict && query.lists(Verdict::kExcess));
    Column last = {"PROOF", "", "", Align::kLeft, 0, kProof};
    if (query.lists(Verdict::kUnknown) || query.every_balloon) {
      last = {"PROOF OR REASON", "PROOF/REASON", "", Align::kLeft, 12, kReason};
    } else if (query.lists(Verdict::kExcess)) {
      last = {one_verdict ? "SUSPECT" : "PROOF OR SUSPECT", "", "", Align::kLeft, 12, kProof};
    }
    add(std::move(last),
        [](const JudgedGuest& row) { return Cell{word_or_dash(last_words(row))}; });
  }

  const Report& report_;
  const Page& page_;
  std::vector<std::pair<Column, CellOf>> columns_;
};

}  // namespace

Table guest_table(const Report& report, const Page& page) {
  return GuestTable(report, page).build();
}

}  // namespace ballast::cli
