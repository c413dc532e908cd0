#include "cli/views/text/evidence.h"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "base/words.h"
#include "fleet/causes.h"
#include "fleet/sentences.h"
#include "model/account/suspects.h"
#include "model/figures.h"

namespace ballast::cli {

using fleet::cause_sentence;
using fleet::fix_sentence;
using output::Page;
using output::Style;

namespace {

std::string with_unit(std::int64_t kib) { return mib(kib) + " MiB"; }

// "±22.0 MiB"; or "-22.0 to +86.0 MiB", where what was not read may be missing, but never there.
std::string tolerance_range(const model::Judgement& judgement, const Page& page) {
  const auto below = judgement.tolerance_below_kib();
  const auto above = judgement.tolerance_kib;
  if (below == above) return fmt::format("{}{}", page.signs().plus_minus, with_unit(above));
  return fmt::format("{} to {} MiB", signed_mib(-below), signed_mib(above));
}

std::string_view place_of(std::int64_t difference_kib, const model::Judgement& judgement) {
  const auto below = judgement.tolerance_below_kib();
  if (difference_kib < -below || difference_kib > judgement.tolerance_kib) {
    return "beyond the tolerance";
  }
  return difference_kib > below ? "no more than what was not read may hold"
                                : "within the tolerance";
}

std::string tolerance_terms(const model::Judgement& judgement) {
  std::vector<std::string> terms;
  for (const auto& term : judgement.tolerance) {
    terms.push_back(fmt::format("{} {}", mib(term.kib), model::tolerance_title(term.name)));
  }
  return terms.empty() ? "" : fmt::format(": {}", fmt::join(terms, " + "));
}

std::string baseline_source(const model::Baseline& baseline) {
  if (baseline.samples == 0) return "prior: expected for such a guest, not learned yet";
  return fmt::format("learned from {} without a balloon", counted(baseline.samples, "sample"));
}

// " Frees 512 MiB at most."
std::string gain_of(const model::Cause& cause) {
  if (!cause.frees_kib) return {};
  if (*cause.frees_kib == 0) return " It keeps what the guest has, and frees nothing now.";
  return fmt::format(" Frees {} at most.", format_size(*cause.frees_kib));
}

using Figure = std::optional<std::int64_t>;

std::string percent(std::int64_t centi) {
  return fmt::format("{:.1f} %", static_cast<double>(centi) / 100);
}

std::string stalls_now(const model::MemoryPressure& psi) {
  auto some = fmt::format("tasks stalled {} of the last 10 s", percent(psi.some_avg10_centi));
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

Style style_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::kBalloon:
      return Style::kFinding;
    case model::Verdict::kExcess:
      return Style::kBad;
    case model::Verdict::kHidden:
      return Style::kNotice;
    case model::Verdict::kClean:
      return Style::kGood;
    case model::Verdict::kUnknown:
      break;
  }
  return Style::kFaint;
}

void print_conclusion(const model::Judgement& judgement, const std::string& detail, Page& page) {
  page.heading("The verdict");
  page.field("verdict", std::string(model::to_string(judgement.verdict)),
             style_of(judgement.verdict));
  if (model::is_leak_only(judgement)) {
    page.field("because", "it leaks; this reading alone would be no excess");
  }
  if (judgement.proof != model::Proof::kNone) {
    page.field("proof", fmt::format("{}: {}", model::to_string(judgement.proof),
                                    model::describe(judgement.proof)));
  }
  if (judgement.verdict != model::Verdict::kUnknown) return;
  page.field("reason", std::string(model::describe(judgement.reason)));
  page.field("detail", detail);
  page.field("to do", std::string(model::remedy(judgement.reason)));
}

void print_reasoning(const model::Judgement& judgement, std::optional<std::int64_t> difference_kib,
                     Page& page) {
  if (difference_kib) {
    page.field("difference", fmt::format("{} MiB, {}", signed_mib(*difference_kib),
                                         place_of(*difference_kib, judgement)));
  }
  page.field("tolerance", tolerance_range(judgement, page) + tolerance_terms(judgement));
  page.field("baseline",
             fmt::format("{} {}{}, {}", with_unit(judgement.baseline.kib), page.signs().plus_minus,
                         mib(judgement.baseline.spread_kib), baseline_source(judgement.baseline)));
}

void print_evidence(const model::JudgedGuest& guest, const EvidenceWords& words, Page& page) {
  const auto& account = guest.guest->account;
  const auto& told = guest.vm.stats.balloon_kib;
  const auto& bracket = guest.judgement.bracket;
  const bool marked = account.kpageflags_kib.value_or(0) > 0;
  const bool bounded = account.lower_bound_kib.value_or(0) > 0;
  const bool any = told || account.driver_kib || account.vmstat_kib || bracket || marked ||
                   bounded || account.call_sites_kib;
  if (!any && words.module.empty()) return;
  page.heading("The balloon, as each side says");
  const auto say = [&page](std::string_view who, std::optional<std::int64_t> kib,
                           std::string_view how) {
    if (kib) page.field(who, fmt::format("{} MiB{}", mib(*kib), how));
  };
  say(words.hypervisor, told, words.hypervisor_source);
  if (bracket) page.field("counters", fleet::bracket_words(*bracket));
  say("driver", account.driver_kib, words.driver_source);
  say("vmstat", account.vmstat_kib, ", inflated less deflated");
  say("allocinfo", account.call_sites_kib, ", by the source lines of balloons");
  if (marked) say("kpageflags", account.kpageflags_kib, ", pages marked offline");
  if (bounded) say("meminfo", account.lower_bound_kib, " at least");
  page.field("module", words.module.empty() ? "" : words.module + " is loaded");
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

void print_causes(const std::vector<model::Cause>& causes, bool is_limited, Page& page) {
  page.heading("Why it has a balloon");
  if (causes.empty()) {
    page.paragraph(
        "Not known: vCenter tells of no limit below its memory, no resource pool at its limit and "
        "no host short of memory.",
        Style::kPlain, 2);
  }
  if (is_limited) {
    page.paragraph(
        "The scan was limited: what other VMs on the host hold, and whether it has less memory "
        "than all of them, is not known.",
        Style::kFaint, 2);
  }
  for (const auto& cause : causes) {
    page.paragraph(page.safe(cause_sentence(cause)), Style::kPlain, 2);
    page.paragraph(page.safe(fix_sentence(cause)) + gain_of(cause), Style::kNotice, 4);
  }
}

void print_pressure(const model::ReclaimPressure& pressure, Page& page) {
  if (!pressure.known()) return;
  page.heading("How short of memory the guest was");
  if (pressure.psi) page.field("now", stalls_now(*pressure.psi));
  const auto said = events(pressure);
  page.field("since boot", said.empty() ? "never: no allocation had to wait, nothing was swapped"
                                        : fmt::format("{}", fmt::join(said, "; ")));
}

void print_suspects(const model::GuestSample& guest, Page& page) {
  page.heading("Who may hold it");
  if (guest.suspects.empty()) {
    page.paragraph("Nobody that ballast knows left a trace.", Style::kPlain, 2);
  }
  for (const auto& suspect : guest.suspects) {
    page.paragraph(page.safe(model::describe(suspect)), Style::kPlain, 2);
    page.paragraph(fmt::format("To check: {}.", model::words_of(suspect.consumer).check),
                   Style::kFaint, 4);
  }
  const auto trace = model::how_to_trace(guest.kernel_release, guest.account.era);
  if (trace.empty()) return;
  page.paragraph(fmt::format("The kernel can say who allocated each page: {}.", trace),
                 Style::kPlain, 2);
}

std::string largest_suspect(const std::vector<model::ConsumerTrace>& suspects) {
  if (suspects.empty() || !suspects.front().kib) return {};
  const auto& largest = suspects.front();
  return fmt::format("{}, {}", model::words_of(largest.consumer).title, model::size_of(largest));
}

}  // namespace ballast::cli
