#include "fleet/inspection/ticket.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "base/words.h"

namespace ballast::fleet {

namespace {

constexpr std::size_t kMostName = 80;
constexpr std::size_t kMostNext = 3;  // what is asked for; the rest is in the full answer

std::string guest_words(const InspectedSample& sample) {
  const auto& reading = sample.input.reading;
  const auto& host = reading.platform.host_name;
  std::vector<std::string> about;
  if (!reading.platform.distribution.empty()) {
    about.push_back(printable(reading.platform.distribution, kMostName));
  }
  if (!reading.kernel_release.empty()) {
    about.push_back("kernel " + printable(reading.kernel_release, kMostName));
  }
  if (!reading.platform.machine.empty()) {
    about.push_back(printable(reading.platform.machine, kMostName));
  }
  auto words = host.empty() ? std::string("The guest") : "Guest " + printable(host, kMostName);
  if (!about.empty()) words += fmt::format(" ({})", fmt::join(about, ", "));
  if (sample.input.taken_at) words += ", " + format_when(*sample.input.taken_at);
  return words;
}

std::string balloon_words(const InspectedSample& sample) {
  const auto& account = *sample.account();
  std::vector<std::string> sides;
  if (const auto& told = sample.judged.vm.stats.balloon_kib) {
    sides.push_back("the hypervisor reports " + format_size(*told));
  }
  if (account.driver_kib) sides.push_back("the driver " + format_size(*account.driver_kib));
  if (account.vmstat_kib) sides.push_back("vmstat " + format_size(*account.vmstat_kib));
  return sides.empty() ? "nobody told the balloon's size"
                       : fmt::format("of the balloon {}", fmt::join(sides, ", "));
}

std::string tolerance_words(const model::Judgement& judgement) {
  return fmt::format("{} to {} MiB", signed_mib(-judgement.tolerance_below_kib()),
                     signed_mib(judgement.tolerance_kib));
}

// The figures, where there is an account of them and they add up.
std::string figure_words(const InspectedSample& sample) {
  const bool contradict = sample.judged.judgement.reason == model::UnknownReason::kInconsistent;
  if (sample.account() == nullptr || contradict) return "";
  const auto& account = *sample.account();
  const auto& judgement = sample.judged.judgement;
  auto words = fmt::format(
      " Of {} (MemTotal), {} is in no counter of the kernel; such a guest leaves {} without a "
      "balloon; {}.",
      format_size(account.mem_total_kib), format_size(account.unaccounted_kib),
      format_size(judgement.baseline.kib), balloon_words(sample));
  if (const auto difference = sample.judged.difference_kib()) {
    words += fmt::format(" Difference {} MiB, tolerance {}.", signed_mib(*difference),
                         tolerance_words(judgement));
  }
  return words;
}

std::string verdict_words(const model::Judgement& judgement) {
  auto words = fmt::format(" Verdict: {}", model::to_string(judgement.verdict));
  const auto why = judgement.verdict == model::Verdict::kUnknown ? model::describe(judgement.reason)
                                                                 : model::describe(judgement.proof);
  return why.empty() ? words + "." : fmt::format("{} ({}).", words, why);
}

std::string list_words(std::string_view title, std::vector<std::string> items, std::size_t most) {
  if (items.empty()) return "";
  const auto all = items.size();
  if (all > most) items.resize(most);
  return fmt::format(" {}: {}{}.", title, fmt::join(items, "; "), all > most ? "; and more" : "");
}

}  // namespace

std::string ticket_summary(const Inspection& inspection) {
  const auto& sample = inspection.newest();
  auto text = fmt::format("{}: {}", guest_words(sample), headline(inspection));
  text += figure_words(sample);
  text += verdict_words(sample.judged.judgement);
  if (const auto* account = sample.account()) {
    text += list_words("Not read", account->deciding_files, account->deciding_files.size());
  }
  text += list_words("Please collect", collect_next(inspection), kMostNext);
  return text;
}

}  // namespace ballast::fleet
