#include "cli/reasoning.h"

#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"

namespace ballast::cli {

namespace {

std::string with_unit(std::int64_t kib) { return mib(kib) + " MiB"; }

std::string tolerance_terms(const model::Judgement& judgement) {
  std::vector<std::string> terms;
  for (const auto& term : judgement.tolerance) {
    terms.push_back(fmt::format("{} {}", mib(term.kib), tolerance_title(term.name)));
  }
  return terms.empty() ? "" : fmt::format(": {}", fmt::join(terms, " + "));
}

std::string baseline_source(const model::Baseline& baseline) {
  if (baseline.samples == 0) return "prior: expected for such a guest, not learned yet";
  return fmt::format("learned from {} without a balloon", counted(baseline.samples, "sample"));
}

std::string leak_sentence(const model::Leak& leak, std::int64_t balloon) {
  const auto beside = balloon == 0
                          ? "without a balloon"
                          : fmt::format("beside the {} in its balloon", format_size(balloon));
  return fmt::format("it leaks: {}, unaccounted memory has grown by {} a day since {}.", beside,
                     with_unit(leak.kib_per_day), format_when(leak.since));
}

std::string excess_sentence(const model::Judgement& judgement, std::int64_t balloon) {
  if (is_leak_only(judgement)) return leak_sentence(*judgement.leak, balloon);
  const auto missing = format_size(judgement.difference_kib);
  const auto growth = judgement.leak ? fmt::format("; the gap grows by {} a day",
                                                   with_unit(judgement.leak->kib_per_day))
                                     : std::string();
  if (balloon == 0) {
    return fmt::format("{} is missing in the guest, and there is no balloon to explain it{}.",
                       missing, growth);
  }
  return fmt::format("the guest misses {} more than the {} that its balloon holds{}.", missing,
                     format_size(balloon), growth);
}

}  // namespace

bool is_leak_only(const model::Judgement& judgement) {
  return judgement.verdict == model::Verdict::kExcess && judgement.leak &&
         judgement.difference_kib <= judgement.tolerance_kib;
}

void print_conclusion(const model::Judgement& judgement, const std::string& detail, Page& page) {
  page.heading("The verdict");
  page.field("verdict", std::string(model::to_string(judgement.verdict)),
             style_of(judgement.verdict));
  if (is_leak_only(judgement)) {
    page.field("because", "it leaks; this reading alone would be no excess");
  }
  if (judgement.proof != model::Proof::kNone) {
    page.field("proof",
               fmt::format("{}: {}", model::to_string(judgement.proof), describe(judgement.proof)));
  }
  if (judgement.verdict != model::Verdict::kUnknown) return;
  page.field("reason", std::string(model::describe(judgement.reason)));
  page.field("detail", detail);
  page.field("to do", std::string(model::remedy(judgement.reason)));
}

void print_reasoning(const model::Judgement& judgement, std::optional<std::int64_t> difference_kib,
                     Page& page) {
  if (difference_kib) {
    const bool within = std::abs(*difference_kib) <= judgement.tolerance_kib;
    page.field("difference", fmt::format("{} MiB, {} the tolerance", signed_mib(*difference_kib),
                                         within ? "within" : "beyond"));
  }
  page.field("tolerance",
             fmt::format("{}{}{}", page.signs().plus_minus, with_unit(judgement.tolerance_kib),
                         tolerance_terms(judgement)));
  page.field("baseline",
             fmt::format("{} {}{}, {}", with_unit(judgement.baseline.kib), page.signs().plus_minus,
                         mib(judgement.baseline.spread_kib), baseline_source(judgement.baseline)));
}

void print_history_evidence(const model::Judgement& judgement, Page& page) {
  if (const auto& found = judgement.lockstep) {
    page.field("lockstep",
               fmt::format("{:.3f} MiB missing for each MiB of the balloon (95 %: {:.3f} to "
                           "{:.3f}){}; {}, {}, {} apart, since {}",
                           found->slope, found->low, found->high,
                           model::is_lockstep(*found) ? "" : ", no proof",
                           counted(found->levels, "size"), counted(found->changes, "move"),
                           format_size(found->range_kib), format_when(found->since)));
  }
  if (const auto& leak = judgement.leak) {
    page.field("leak", fmt::format("{} MiB a day beside the balloon (95 %: {} to {}), since {}",
                                   signed_mib(leak->kib_per_day), mib(leak->low_kib_per_day),
                                   mib(leak->high_kib_per_day), format_when(leak->since)));
  }
}

std::string bracket_words(const model::BalloonBracket& bracket) {
  const bool moved = bracket.low_kib != bracket.high_kib;
  auto words = fmt::format("{}{} around the reading", moved ? mib(bracket.low_kib) + " to " : "",
                           with_unit(bracket.high_kib));
  if (bracket.target_kib) words += fmt::format("; target {}", with_unit(*bracket.target_kib));
  if (const auto now = model::trend(bracket)) words += fmt::format(": {}", model::to_string(*now));
  return words;
}

std::string sentence_of(const model::Judgement& judgement, std::int64_t balloon,
                        std::string_view who) {
  switch (judgement.verdict) {
    case model::Verdict::kBalloon:
      return fmt::format("{} is in the balloon, and that is what the guest misses.",
                         format_size(balloon));
    case model::Verdict::kExcess:
      return excess_sentence(judgement, balloon);
    case model::Verdict::kHidden:
      return fmt::format("{} reports {} in the balloon, but the guest does not miss it.", who,
                         format_size(balloon));
    case model::Verdict::kClean:
      return "no balloon, and nothing unusual is missing.";
    case model::Verdict::kUnknown:
      break;
  }
  const auto reason = fmt::format("no verdict, {}", model::describe(judgement.reason));
  if (balloon == 0) return reason + ".";
  return fmt::format("{}; {} reports {} in its balloon.", reason, who, format_size(balloon));
}

}  // namespace ballast::cli
