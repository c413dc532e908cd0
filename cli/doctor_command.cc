#include "cli/doctor_command.h"

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

#include "cli/database_path.h"
#include "cli/doctor_checks.h"
#include "cli/doctor_output.h"
#include "cli/wiring.h"
#include "cli/wording.h"
#include "collector/config.h"

namespace ballast::cli {

namespace {

namespace asio = boost::asio;

struct DoctorOptions {
  std::vector<std::string> vcenters;
  std::string guest;
  bool json = false;
};

Awaitable<void> check_into(Connection* connection, const collector::SelectionRules* rules,
                           std::string guest, std::vector<Check>* checks) {
  auto found = co_await check_vcenter(*connection, *rules, std::move(guest));
  std::move(found.begin(), found.end(), std::back_inserter(*checks));
}

// One vCenter after the other: a person reads along.
Status check_connection(const collector::VcenterConfig& vcenter,
                        const collector::GuestConfig& guests,
                        const collector::SelectionRules& rules, const std::string& guest,
                        std::vector<Check>& checks) {
  auto options = client_options(vcenter, guests);
  if (!options) return fail(std::move(options.error()));
  asio::io_context io(1);
  asio::thread_pool pool(1);
  auto connection = make_connection(io.get_executor(), pool, std::move(*options));
  if (!connection) return fail(std::move(connection.error()));
  std::exception_ptr thrown;
  asio::co_spawn(io, check_into(&*connection, &rules, guest, &checks),
                 [&](std::exception_ptr error) { thrown = error; });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return {};
}

Status check_all(const collector::Config& config, const DoctorOptions& options,
                 std::vector<Check>& checks) {
  const auto vcenters = choose_vcenters(config, options.vcenters);
  if (!vcenters) return fail(vcenters.error());
  const auto rules = selection_rules(config.guest);
  if (!rules) return fail(rules.error());
  for (const auto& vcenter : *vcenters) {
    auto checked = check_connection(vcenter, config.guest, *rules, options.guest, checks);
    if (!checked) return checked;
  }
  return {};
}

int run_doctor(const DoctorOptions& options, Context& context) {
  const auto config = load_configuration(context.common);
  if (!config) return report_failure(context.terminal, config.error());
  const auto database = resolve_database(context.common);
  if (!database) return report_failure(context.terminal, database.error());

  std::vector<Check> checks;
  checks.push_back({"configuration",
                    config_path(context.common),
                    CheckState::kOk,
                    fmt::format("{}, {}", counted(std::ssize(config->vcenters), "vCenter"),
                                counted(std::ssize(config->guest.rules), "guest login")),
                    {},
                    {}});
  checks.push_back(check_store(*database));
  const auto checked = check_all(*config, options, checks);
  if (!checked) return report_failure(context.terminal, checked.error());
  if (options.json) {
    print_checks_json(checks, context.terminal.out());
  } else {
    print_checks(checks, context.terminal.out_traits(), context.terminal.out());
  }
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
      [options](std::size_t choice) { options->json = choice == 1; },
      "For people (default) or for programs");
  command->callback([options, &context] {
    context.action = [options, &context] { return run_doctor(*options, context); };
  });
}

}  // namespace ballast::cli
