#include "cli/export_command.h"

#include <memory>

#include <CLI/App.hpp>

namespace ballast::cli {

namespace {

void add_what(CLI::App& command, ExportOptions& options) {
  add_choice_flag(
      command, "KIND", {"samples", "hourly", "daily", "hosts"},
      [&options](std::size_t choice) { options.kind = static_cast<ExportKind>(choice); },
      "samples: each VM in each scan; hourly, daily: each\nVM in each hour or day; hosts: each "
      "host "
      "and hour",
      " ");
  command.get_option("KIND")->required();
}

void add_selection_flags(CLI::App& command, ExportOptions& options, UtcTime now) {
  const auto add_pattern = [&command](const char* name, std::string& pattern,
                                      const char* description) {
    command.add_option(name, pattern, description)->option_text("GLOB");
  };
  add_time_flag(command, "--since", options.query.since, now,
                "From then on: 7d, 24h or ISO 8601; all there is\nif not given");
  add_time_flag(command, "--until", options.query.until, now, "Before then");
  add_pattern("--vcenter", options.query.vcenter, "Only of such a vCenter; * and ? as in a shell");
  add_pattern("--cluster", options.query.cluster, "Only in such a cluster");
  add_pattern("--host", options.query.host, "Only on such a host");
  add_pattern("--name", options.query.name, "Only VMs with such a name");
  add_size_flag(command, "--min-size", options.min_size_kib,
                "Only with at least that much ballooned or\nunaccounted: 64MiB, 2GiB");
}

void add_output_flags(CLI::App& command, ExportOptions& options) {
  command.add_option("--columns", options.columns, "Only these columns, in this order")
      ->delimiter(',')
      ->option_text("LIST");
  command
      .add_option("--output", options.output,
                  "Write this file, which is replaced only when\neverything is written")
      ->option_text("FILE");
  add_choice_flag(
      command, "--format", {"csv"}, [](std::size_t) {}, "csv, the only one there is", "FORMAT");
}

// Flags that say nothing about this kind.
void refuse_idle_flags(const CLI::App& command, ExportKind kind) {
  if (kind != ExportKind::kSamples && command.count("--verdict") > 0) {
    throw CLI::ValidationError("--verdict", "only samples have a verdict");
  }
  if (kind == ExportKind::kHosts && command.count("--name") > 0) {
    throw CLI::ValidationError("--name", "is about VMs; --host picks hosts");
  }
  if (command.count("--output") == 0) return;
  const auto output = command.get_option("--output")->as<std::string>();
  if (output.empty()) throw CLI::ValidationError("--output", "needs a file name");
  if (output == "-") {
    throw CLI::ValidationError("--output", "without it the CSV goes to standard output");
  }
}

}  // namespace

void add_export_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ExportOptions>();
  auto* command = app.add_subcommand("export", "History as CSV, for capacity planning");
  command->footer("docs/CSV.md describes every column. Sizes are in KiB, times in UTC.");
  add_what(*command, *options);
  add_common_flags(*command, context.common);
  add_selection_flags(*command, *options, context.now);
  add_verdict_flag(*command, options->verdicts,
                   "Only samples with these verdicts: balloon, excess,\nhidden, clean, unknown");
  add_output_flags(*command, *options);
  command->callback([options, command, &context] {
    refuse_idle_flags(*command, options->kind);
    context.action = [options, &context] {
      options->common = context.common;
      return run_export(*options, context.terminal);
    };
  });
}

}  // namespace ballast::cli
