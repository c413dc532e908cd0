#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "cli/views/formats.h"
#include "model/verdict.h"
#include "output/page.h"

namespace ballast::cli {

using output::Page;
using output::Style;

namespace {

using collector::ScanSummary;
using model::ScanStatus;
using model::UnknownReason;
using model::Verdict;

Style style_of_scan(ScanStatus status) {
  if (status == ScanStatus::kComplete) return Style::kGood;
  return status == ScanStatus::kPartial ? Style::kNotice : Style::kBad;
}

std::string balloon_sentence(const ScanSummary& scan) {
  const auto matched = static_cast<std::int64_t>(scan.count_of(Verdict::kBalloon));
  if (scan.ballooned == 0) return "none is reported";
  if (matched == 0) {
    const auto vms = static_cast<std::int64_t>(scan.ballooned);
    return fmt::format("{} {} {} in balloons, {}", counted(vms, "VM"), vms == 1 ? "has" : "have",
                       format_size(scan.balloon_kib),
                       scan.guests_read == 0 ? "no guest was read" : "none matched in the guest");
  }
  return fmt::format("{} held by balloons in {}, matched in the guest",
                     format_size(scan.matched_balloon_kib), counted(matched, "guest"));
}

std::string other_verdicts(const ScanSummary& scan) {
  std::string text;
  for (const Verdict verdict : {Verdict::kExcess, Verdict::kHidden, Verdict::kClean}) {
    if (static_cast<std::int64_t>(scan.count_of(verdict)) == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        grouped(static_cast<std::int64_t>(scan.count_of(verdict))),
                        model::to_string(verdict));
  }
  return text;
}

// "4 invalid guest login, 3 timed out", most frequent first.
std::string reasons(const ScanSummary& scan, bool failures) {
  std::vector<std::pair<UnknownReason, std::size_t>> picked;
  for (const auto& [reason, count] : scan.reasons) {
    if (model::is_failure(reason) == failures) picked.emplace_back(reason, count);
  }
  std::stable_sort(picked.begin(), picked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [reason, count] : picked) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        grouped(static_cast<std::int64_t>(count)), model::describe(reason));
  }
  return text;
}

void print_scan(const ScanSummary& scan, Page& page) {
  const std::string head = fmt::format(
      "{}: {}, {} listed, {} read in {}", page.safe(scan.vcenter), model::to_string(scan.status),
      counted(static_cast<std::int64_t>(scan.listed), "VM"),
      counted(static_cast<std::int64_t>(scan.guests_read), "guest"),
      format_duration(scan.duration));
  page.paragraph(head, style_of_scan(scan.status));
  if (scan.status == ScanStatus::kFailed) return;
  const auto line = [&](const char* label, const std::string& text) {
    if (!text.empty()) page.entry({{"  "}, {fmt::format("{:<10}", label)}}, text);
  };
  if (!scan.limited_to.empty()) line("limited", "to " + page.safe(scan.limited_to));
  line("balloon", balloon_sentence(scan));
  line("others", other_verdicts(scan));
  line("unread", reasons(scan, true));
  line("left out", reasons(scan, false));
}

}  // namespace

void TextOutput::scans(const std::vector<ScanSummary>& scans, const std::string& database) {
  Page page(traits_, out_);
  bool stored = false;
  for (const auto& scan : scans) {
    print_scan(scan, page);
    stored = stored || scan.status != ScanStatus::kFailed;
  }
  if (stored) {
    page.gap();
    page.paragraph(fmt::format("Stored in {}; next: ballast report", page.safe(database)));
  }
}

}  // namespace ballast::cli
