#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

std::int64_t count_of(const ScanSummary& scan, Verdict verdict) {
  const auto found = scan.verdicts.find(verdict);
  return found == scan.verdicts.end() ? 0 : static_cast<std::int64_t>(found->second);
}

Style style_of_scan(ScanStatus status) {
  if (status == ScanStatus::kComplete) return Style::kGood;
  return status == ScanStatus::kPartial ? Style::kNotice : Style::kBad;
}

std::string balloon_sentence(const ScanSummary& scan) {
  const auto matched = count_of(scan, Verdict::kBalloon);
  if (matched == 0) return "no balloon was found inside a guest";
  return fmt::format("{} held by balloons in {}, matched in the guest",
                     format_size(scan.matched_balloon_kib), counted(matched, "guest"));
}

std::string other_verdicts(const ScanSummary& scan) {
  std::string text;
  for (const Verdict verdict : {Verdict::kExcess, Verdict::kHidden, Verdict::kClean}) {
    if (count_of(scan, verdict) == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(count_of(scan, verdict)),
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
  line("balloon", balloon_sentence(scan));
  line("others", other_verdicts(scan));
  line("unread", reasons(scan, true));
  line("left out", reasons(scan, false));
}

nlohmann::json counts_json(const ScanSummary& scan) {
  auto verdicts = nlohmann::json::object();
  for (const Verdict verdict : {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden,
                                Verdict::kClean, Verdict::kUnknown}) {
    verdicts[std::string(model::to_string(verdict))] = count_of(scan, verdict);
  }
  return verdicts;
}

nlohmann::json scan_json(const ScanSummary& scan) {
  auto reasons_object = nlohmann::json::object();
  for (const auto& [reason, count] : scan.reasons) {
    reasons_object[std::string(model::to_string(reason))] = count;
  }
  return {{"vcenter", scan.vcenter},
          {"scan_id", scan.scan ? nlohmann::json(*scan.scan) : nlohmann::json()},
          {"status", model::to_string(scan.status)},
          {"error", scan.error ? nlohmann::json(scan.error->sentence()) : nlohmann::json()},
          {"vms", scan.listed},
          {"guests_read", scan.guests_read},
          {"guests_failed", scan.guests_failed},
          {"verdicts", counts_json(scan)},
          {"reasons", reasons_object},
          {"matched_balloon_kib", scan.matched_balloon_kib},
          {"duration_ms", scan.duration.count()}};
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

void JsonOutput::scans(const std::vector<ScanSummary>& scans, const std::string& database) {
  auto list = nlohmann::json::array();
  for (const auto& scan : scans) list.push_back(scan_json(scan));
  const nlohmann::json document = {
      {"schema", "ballast.scan/1"}, {"database", database}, {"scans", list}};
  out_ << document.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace ballast::cli
