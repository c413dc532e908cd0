#include <fmt/format.h>

#include "base/units.h"
#include "cli/report.h"
#include "cli/vm_output.h"

namespace ballast::cli {

std::string verdict_sentence(const storage::VmRow& row) {
  const auto& judgement = row.judgement;
  const std::int64_t balloon = shown_balloon(row).value_or(0);
  switch (judgement.verdict) {
    case model::Verdict::kBalloon:
      return fmt::format("{} is in the balloon, and that is what the guest misses.",
                         format_size(balloon));
    case model::Verdict::kExcess:
      if (balloon == 0) {
        return fmt::format("{} is missing in the guest, and there is no balloon to explain it.",
                           format_size(judgement.difference_kib));
      }
      return fmt::format("the guest misses {} more than the {} that its balloon holds.",
                         format_size(judgement.difference_kib), format_size(balloon));
    case model::Verdict::kHidden:
      return fmt::format("vCenter reports {} in the balloon, but the guest does not miss it.",
                         format_size(balloon));
    case model::Verdict::kClean:
      return "no balloon, and nothing unusual is missing.";
    case model::Verdict::kUnknown:
      break;
  }
  const auto reason = fmt::format("no verdict, {}", model::describe(judgement.reason));
  if (balloon == 0) return reason + ".";
  return fmt::format("{}; vCenter reports {} in its balloon.", reason, format_size(balloon));
}

}  // namespace ballast::cli
