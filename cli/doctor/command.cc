#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/machine.h"
#include "cli/doctor/vcenter.h"
#include "cli/views/output.h"
#include "cli/wiring.h"
#include "collector/config/config.h"

namespace ballast::cli {

namespace {

namespace asio = boost::asio;

struct DoctorOptions {
  std::vector<std::string> vcenters;
  std::string guest;
  Format format = Format::kTable;  // has no kCsv
};

Awaitable<void> check_into(boost::asio::any_io_executor executor, asio::thread_pool* pool,
                           VcenterToCheck target, std::vector<Check>* checks) {
  auto found = co_await check_vcenter(executor, *pool, std::move(target));
  std::move(found.begin(), found.end(), std::back_inserter(*checks));
}

void check_one(VcenterToCheck target, std::vector<Check>& checks) {
  asio::io_context io(1);
  asio::thread_pool pool(1);
  std::exception_ptr thrown;
  asio::co_spawn(io, check_into(io.get_executor(), &pool, std::move(target), &checks),
                 [&](std::exception_ptr error) { thrown = error; });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}

// One for each vCenter, in their order.
using RulesOfEach = std::vector<Result<collector::SelectionRules>>;

Check check_guest_logins(const RulesOfEach& rules) {
  Check check{"configuration", "guest passwords", CheckState::kOk, "fetched"};
  for (const auto& own : rules) {
    if (own) continue;
    check.state = CheckState::kFailed;
    check.detail = own.error().message;
    check.hint =
        own.error().hint.empty() ? "correct this login's password_* setting" : own.error().hint;
    break;
  }
  return check;
}

// One vCenter after the other: a person reads along.
std::vector<Check> check_all(const collector::Config& config, const DoctorOptions& options,
                             const std::vector<collector::VcenterConfig>& vcenters,
                             const std::string& database) {
  std::vector<Check> checks = {check_configuration(config.path, config)};
  const auto files = check_password_files(config);
  checks.insert(checks.end(), files.begin(), files.end());
  RulesOfEach rules;
  for (const auto& vcenter : vcenters) {
    rules.push_back(selection_rules(config.guest, vcenter.name));
  }
  if (!config.guest.rules.empty()) checks.push_back(check_guest_logins(rules));
  checks.push_back(check_store(database));
  checks.push_back(check_writing(database));
  checks.push_back(check_space(database));
  for (std::size_t i = 0; i < vcenters.size(); ++i) {
    const auto* own = rules[i] ? &*rules[i] : nullptr;
    check_one({vcenters[i], config.guest, own, options.guest}, checks);
  }
  return checks;
}

int run_doctor(const DoctorOptions& options, Context& context) {
  const auto config = load_configuration(context.common);
  if (!config) return report_failure(context.terminal, config.error());
  const auto database = resolve_database(context.common);
  if (!database) return report_failure(context.terminal, database.error());
  const auto vcenters = choose_vcenters(*config, options.vcenters);
  if (!vcenters) return report_failure(context.terminal, vcenters.error());

  const auto checks = check_all(*config, options, *vcenters, *database);
  make_output(options.format, context.terminal)->checks(checks);
  const bool failed = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.state == CheckState::kFailed;
  });
  return finish_output(context.terminal, failed ? kExitFailed : kExitDone);
}

}  // namespace

void add_doctor_command(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand(
      "doctor", "Check configuration, vCenter, privileges and one guest; say what to fix");
  const auto options = std::make_shared<DoctorOptions>();
  add_common_flags(*command, context.common);
  command->add_option("--vcenter", options->vcenters, "Only this vCenter; may be repeated")
      ->option_text("NAME");
  command->add_option("--guest", options->guest, "Probe the VM of this name")->option_text("NAME");
  add_choice_flag(
      *command, "--format", {"table", "json"},
      [options](std::size_t choice) { options->format = static_cast<Format>(choice); },
      "For people (default) or for programs");
  command->callback([options, &context] {
    context.action = [options, &context] { return run_doctor(*options, context); };
  });
}

}  // namespace ballast::cli
