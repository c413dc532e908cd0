#include "collector/scan_summary.h"

namespace ballast::collector {

std::size_t ScanSummary::count_of(model::Verdict verdict) const {
  const auto found = verdicts.find(verdict);
  return found == verdicts.end() ? 0 : found->second;
}

void count(ScanSummary& summary, const model::JudgedGuest& result) {
  const auto& judgement = result.judgement;
  ++summary.verdicts[judgement.verdict];
  if (result.has_balloon()) ++summary.ballooned;
  summary.balloon_kib += result.shown_balloon_kib().value_or(0);
  if (result.guest) ++summary.guests_read;
  if (judgement.verdict == model::Verdict::kBalloon) {
    summary.matched_balloon_kib += result.judged_balloon_kib().value_or(0);
  }
  if (judgement.reason == model::UnknownReason::kNone) return;
  ++summary.reasons[judgement.reason];
  if (model::is_failure(judgement.reason)) ++summary.guests_failed;
}

}  // namespace ballast::collector
