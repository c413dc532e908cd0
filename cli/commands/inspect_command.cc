#include "cli/commands/inspect_command.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/views/output.h"
#include "fleet/inspection/ticket.h"
#include "fleet/inspection/told_figures.h"
#include "offline/inputs.h"

namespace ballast::cli {

using fleet::inspect_samples;
using fleet::InspectedSample;
using fleet::Inspection;
using output::Terminal;

namespace {

constexpr std::string_view kFooter =
    "PATH is a sosreport or supportconfig (a folder, or .tar, .tar.gz, .tar.xz,\n"
    ".tar.bz2, .tar.zst), a folder with proc/..., a copy of /proc/meminfo (with those\n"
    "of zoneinfo, vmstat, vmallocinfo, vmmemctl beside it), what somebody pasted of\n"
    "them, a kernel log with an OOM dump, what the guest probe printed, or text from\n"
    "crash: sys, kmem -i, kmem -V, bt of vmmemctl, p of a zone's reclaim_in_progress.\n"
    "- is standard input.\n"
    "In a guest, as root: ballast inspect /";

// The balloon's size alone is an answer; a back trace or another tool's bound is not.
bool has_answer(const InspectedSample& sample) {
  return sample.account() != nullptr ||
         (!sample.input.vmcore && fleet::tells_balloon(sample.input.reading));
}

bool is_whole(const Inspection& inspection) {
  return std::all_of(
      inspection.samples.begin(), inspection.samples.end(),
      [](const InspectedSample& sample) { return has_answer(sample) && !sample.input.cut_off; });
}

// Returns where the size that begins at `start` ends: at the next comma that does not group its
// digits, as the one of "1,128 MB" does. A bare number but 0 is no size, so nothing is ambiguous.
std::size_t end_of_size(std::string_view text, std::size_t start) {
  constexpr std::string_view kDigits = "0123456789";
  auto end = std::min(text.find(',', start), text.size());
  while (end < text.size()) {
    const auto before = text.substr(start, end - start);
    const auto after = text.find_first_not_of(kDigits, end + 1);
    const bool groups = before.find_first_not_of("0123456789,") == std::string_view::npos &&
                        before != "0" && std::min(after, text.size()) == end + 4;
    if (!groups) break;
    end = std::min(text.find(',', end + 1), text.size());
  }
  return end;
}

// A size, or several with commas between them.
void read_balloons(const std::string& text, std::vector<std::int64_t>& kib) {
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = end_of_size(text, start);
    auto size = text.substr(start, end - start);
    std::erase(size, ',');
    const auto parsed = parse_size(size);
    if (!parsed) throw CLI::ValidationError("--balloon", parsed.error().sentence());
    kib.push_back(*parsed);
    start = end + 1;
  }
}

}  // namespace

int run_inspect(const InspectOptions& options, Output& output, Terminal& terminal) {
  auto inputs = offline::read_inputs(options.paths);
  for (const auto& failure : inputs.failures) terminal.err_error(failure);
  if (inputs.samples.empty()) return kExitFailed;
  if (inputs.lost_a_moment && !options.facts.balloons_kib.empty()) {
    return report_failure(
        terminal, {ErrorCode::kInvalidArgument,
                   "--balloon cannot be matched with samples while some paths cannot be read",
                   "leave those paths and their figures out", ""});
  }
  auto inspection = inspect_samples(std::move(inputs.samples), options.facts);
  if (!inspection) return report_failure(terminal, inspection.error());
  inspection->notes.insert(inspection->notes.end(), inputs.notes.begin(), inputs.notes.end());
  if (options.summary) {
    terminal.out() << printable(fleet::ticket_summary(*inspection)) << '\n';
  } else {
    output.inspection(*inspection);
  }
  const bool whole = inputs.failures.empty() && is_whole(*inspection);
  return finish_output(terminal, whole ? kExitDone : kExitPartial);
}

void add_inspect_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<InspectOptions>();
  auto* command =
      app.add_subcommand("inspect", "Offline: a sosreport, proc files, text from crash");
  command->footer(std::string(kFooter));
  command->add_option("PATH", options->paths, "Several of one guest over time are a series")
      ->required()
      ->option_text(" ...");
  command
      ->add_option_function<std::vector<std::string>>(
          "--balloon",
          [options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) read_balloons(text, options->facts.balloons_kib);
          },
          "The hypervisor's balloon: 4GiB; for a series one\na sample: 0,512MiB,1GiB")
      ->option_text("SIZE")
      ->allow_extra_args(false)  // what follows is a PATH
      ->take_all();
  add_size_flag(*command, "--mem-total", options->facts.mem_total_kib,
                "MemTotal, where the input lacks it");
  add_size_flag(*command, "--mem-free", options->facts.mem_free_kib,
                "MemFree, where the input lacks it");
  auto* summary =
      command->add_flag("--summary", options->summary, "A paragraph for a ticket, and no more");
  add_common_flags(*command, context.common);
  add_format_flag(*command, options->format);
  summary->excludes(command->get_option("--format"));
  command->callback([options, &context] {
    context.action = [options, &context] {
      const auto output = make_output(options->format, context.terminal);
      return run_inspect(*options, *output, context.terminal);
    };
  });
}

}  // namespace ballast::cli
