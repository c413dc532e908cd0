#include "fleet/inspection/told_figures.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "base/words.h"

namespace ballast::fleet {

namespace {

constexpr std::string_view kNext =
    "Whether that is what the guest misses, its /proc/meminfo of the same moment tells: give a "
    "copy "
    "of it too.";

std::string driver_words(const model::BalloonDriver& driver) {
  const auto held = format_size(*driver.current_kib);
  const auto aim = format_size(driver.target_kib.value_or(*driver.current_kib));
  const auto target = aim == held ? std::string() : fmt::format(", its target is {}", aim);
  const auto reset = driver.resetting ? ", which was being reset: the figure is void" : "";
  return fmt::format("the guest's balloon driver holds {}, by its status file{}{}", held, target,
                     reset);
}

std::string bound_words(const model::ToolFigures& figures) {
  const auto missing = *figures.missing_at_most_kib;
  const auto total = *figures.total_kib;
  const auto size = figures.unit_known
                        ? fmt::format("{} of {}", format_size(missing), format_size(total))
                        : fmt::format("{} % of the memory", (missing * 100 + total - 1) / total);
  return fmt::format(
      "no more than about {} can be missing, by {}: what processes and the kernel hold is inside",
      size, figures.tool);
}

std::string balloon_words(const model::ToolFigures& figures) {
  const auto& balloons = figures.balloons;
  const auto largest = std::max_element(balloons.begin(), balloons.end(),
                                        [](const auto& a, const auto& b) { return a.kib < b.kib; });
  const auto size = format_size(largest->kib);
  if (largest->vm.empty()) {
    return fmt::format("the balloon holds about {}, by {}", size, figures.tool);
  }
  const auto give = fmt::format("--balloon {}MiB", largest->kib / kKibPerMib);
  if (balloons.size() == 1) {
    return fmt::format(
        "the balloon of {} holds {}, by {}; give that as {}, with the guest's "
        "/proc/meminfo of that time",
        printable(largest->vm, 80), size, figures.tool, give);
  }
  const auto held = std::count_if(balloons.begin(), balloons.end(),
                                  [](const auto& balloon) { return balloon.kib > 0; });
  return fmt::format(
      "{} of {} have a balloon, by {}; the largest, of {}, holds {}; give the guest's "
      "own with --balloon, and its /proc/meminfo of that time",
      held, counted(static_cast<std::int64_t>(balloons.size()), "VM"), figures.tool,
      printable(largest->vm, 80), size);
}

std::string as_sentences(std::vector<std::string> clauses) {
  for (auto& clause : clauses) {
    const bool small = clause.front() >= 'a' && clause.front() <= 'z';
    if (small) clause.front() = static_cast<char>(clause.front() - 'a' + 'A');
  }
  return fmt::format("{}.", fmt::join(clauses, ". "));
}

}  // namespace

std::optional<std::int64_t> balloon_of_vmstat(const model::Vmstat& vmstat) {
  const auto inflated = vmstat.find("balloon_inflate");
  const auto deflated = vmstat.find("balloon_deflate");
  if (inflated == vmstat.end() || deflated == vmstat.end()) return std::nullopt;
  const auto held = inflated->second - deflated->second;
  if (inflated->second <= 0 || held < 0) return std::nullopt;
  return kib_from_pages(held);
}

bool tells_balloon(const model::GuestReading& reading) {
  return reading.balloon.current_kib || balloon_of_vmstat(reading.vmstat) ||
         reading.host_balloon_kib;
}

std::vector<std::string> balloon_sentences(const model::GuestReading& reading) {
  std::vector<std::string> sentences;
  if (reading.balloon.current_kib) sentences.push_back(driver_words(reading.balloon));
  if (const auto kib = balloon_of_vmstat(reading.vmstat)) {
    sentences.push_back(fmt::format(
        "the guest's balloon driver holds {}, by its counters in /proc/vmstat", format_size(*kib)));
  }
  if (reading.host_balloon_kib) {
    sentences.push_back(
        fmt::format("the hypervisor says that the balloon holds {}, by VMware Tools in the guest",
                    format_size(*reading.host_balloon_kib)));
  }
  return sentences;
}

std::vector<std::string> tool_sentences(const std::vector<model::ToolFigures>& tools) {
  std::vector<std::string> sentences;
  for (const auto& figures : tools) {
    const bool bound = figures.missing_at_most_kib && figures.total_kib.value_or(0) > 0;
    if (bound) sentences.push_back(bound_words(figures));
    if (!figures.balloons.empty()) sentences.push_back(balloon_words(figures));
    if (bound || !figures.balloons.empty()) continue;
    sentences.push_back(
        fmt::format("nothing in the output of {} tells how much is missing", figures.tool));
  }
  return sentences;
}

std::string answer_without_account(const offline::OfflineSample& input) {
  auto clauses = balloon_sentences(input.reading);
  const bool balloon = !clauses.empty();
  const auto tools = tool_sentences(input.tools);
  clauses.insert(clauses.end(), tools.begin(), tools.end());
  if (clauses.empty()) return {};
  const auto* next =
      balloon ? kNext.data() : "That is no verdict. Run next, in the guest: cat /proc/meminfo";
  return fmt::format("{} {}", as_sentences(std::move(clauses)), next);
}

std::string bound_of_kmem(const model::Meminfo& meminfo) {
  const auto field = [&meminfo](std::string_view name) {
    const auto found = meminfo.find(name);
    return found == meminfo.end() ? std::int64_t{0} : found->second;
  };
  const auto total = field("MemTotal");
  const auto most = total - field("MemFree") - field("Buffers") - field("Cached") - field("Slab");
  if (total <= 0 || !meminfo.contains("MemFree") || most < 0) return {};
  return fmt::format("kmem -i alone says that no more than {} of {} can be missing",
                     format_size(most), format_size(total));
}

}  // namespace ballast::fleet
