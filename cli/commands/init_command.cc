// `ballast init`: from a host name and a login to a configuration that works.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "cli/ask.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/vcenter.h"
#include "cli/init/setup.h"
#include "cli/one_off.h"
#include "cli/views/output.h"
#include "cli/wiring.h"

namespace ballast::cli {

using output::safe_text;

namespace {

namespace asio = boost::asio;

// The checks without which no scan would work.
constexpr std::array<std::string_view, 5> kNeeded = {"password", "name lookup", "TCP connection",
                                                     "TLS", "login"};

Awaitable<void> check_setup_into(asio::any_io_executor executor, asio::thread_pool* pool,
                                 VcenterToCheck target, std::vector<Check>* checks) {
  *checks = co_await check_vcenter(executor, *pool, std::move(target));
}

// Goes all the way that a scan would. Errors: a password of guests that cannot be fetched.
Result<std::vector<Check>> try_out(const Setup& setup) {
  const auto config = config_of(setup);
  const auto rules = selection_rules(config.guest, config.vcenters.front().name);
  if (!rules) return fail(rules.error());
  asio::io_context io(1);
  asio::thread_pool pool(1);
  std::vector<Check> checks;
  std::exception_ptr thrown;
  VcenterToCheck target{config.vcenters.front(), config.guest, &*rules, ""};
  asio::co_spawn(io, check_setup_into(io.get_executor(), &pool, std::move(target), &checks),
                 [&](std::exception_ptr error) { thrown = error; });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return checks;
}

bool has_failed(const Check& check) { return check.state == CheckState::kFailed; }

// The thumbprint of a certificate that no authority vouches for; "" if that is not what is wrong.
std::string thumbprint_to_pin(const std::vector<Check>& checks) {
  constexpr std::string_view kBegin = "thumbprint = \"";
  const auto tls = std::find_if(checks.begin(), checks.end(), [](const Check& check) {
    return check.what == "TLS" && has_failed(check);
  });
  if (tls == checks.end() || !tls->to_paste.starts_with(kBegin)) return {};
  return tls->to_paste.substr(kBegin.size(), tls->to_paste.rfind('"') - kBegin.size());
}

// Shows what the checks found, and lets the user pin a certificate that could not be verified.
// Returns whether the setup is worth writing. Errors: those of ask().
Result<bool> test_setup(Setup& setup, Context& context) {
  auto checks = try_out(setup);
  if (!checks) return fail(std::move(checks.error()));
  const std::string thumbprint = thumbprint_to_pin(*checks);
  if (!thumbprint.empty() && setup.thumbprint.empty() && setup.ca_file.empty()) {
    const auto tls = std::find_if(checks->begin(), checks->end(), has_failed);
    context.terminal.err_line(safe_text(tls->detail, context.terminal.err_traits()));
    auto answer = ask(fmt::format(
        "SHA-256 {}\nIs that the thumbprint that vCenter's administrator sees? Trust it? [y/N]: ",
        thumbprint));
    if (!answer) {
      return fail(during(answer.error(), "the certificate is not trusted, and"));
    }
    if (*answer != "y" && *answer != "yes" && *answer != "Y") return false;
    setup.thumbprint = thumbprint;
    return test_setup(setup, context);
  }
  make_output(Format::kTable, context.terminal)->checks(*checks);
  return std::none_of(checks->begin(), checks->end(), [](const Check& check) {
    return has_failed(check) &&
           std::find(kNeeded.begin(), kNeeded.end(), check.what) != kNeeded.end();
  });
}

// Where the configuration will be: as named, else this user's.
std::string destination(const CommonOptions& options) {
  if (!options.config_path.empty()) return options.config_path;
  const auto places = usual_config_places();
  return ::geteuid() == 0 ? places.back() : places.front();
}

Error is_there_already(const std::string& path) {
  return {ErrorCode::kConfig, fmt::format("{} is there already; nothing was changed", path),
          "name another file with --config, or add a [[vcenter]] section to it by hand", ""};
}

// With the flag where the configuration would not be found.
std::string how_to_scan(const Setup& setup) {
  const auto found = find_config({});
  const bool is_found = found && *found == setup.config_path;
  return is_found ? "ballast scan" : "ballast scan --config " + printable(setup.config_path, 400);
}

int tell_what_is_next(const Setup& setup, Context& context) {
  auto& out = context.terminal.out();
  const auto& traits = context.terminal.out_traits();
  out << fmt::format("\nWritten: {}\n", safe_text(setup.config_path, traits))
      << "\nA role of its own is enough for the user in vCenter, and safer than a larger one:\n"
      << role_commands(setup.login.username) << "\nNext: " << how_to_scan(setup) << '\n';
  return finish_output(context.terminal, kExitDone);
}

int run_init(const OneOffFlags& flags, Context& context) {
  const std::string path = destination(context.common);
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    return report_failure(context.terminal, is_there_already(path));
  }
  const bool is_systems = path == usual_config_places().back();
  std::string database = context.common.database_path;
  if (database.empty() && !is_systems) {
    database = std::filesystem::path(path).parent_path() / "ballast.db";
  }
  auto setup = ask_setup(flags, path, database, {ask, ask_password});
  if (!setup) return report_failure(context.terminal, setup.error());
  const auto works = test_setup(*setup, context);
  if (!works) return report_failure(context.terminal, works.error());
  if (!*works) {
    context.terminal.err_line("Nothing was written.");
    return finish_output(context.terminal, kExitFailed);
  }
  if (auto written = write_setup(*setup); !written) {
    return report_failure(context.terminal, written.error());
  }
  return tell_what_is_next(*setup, context);
}

}  // namespace

void add_init_command(CLI::App& app, Context& context) {
  auto* command =
      app.add_subcommand("init", "Ask for a vCenter and logins, try them, write the configuration");
  command->footer(
      "What the flags do not say is asked for at the terminal. Nothing is written before\n"
      "the login has worked, and no file that is there is changed. Passwords go into\n"
      "files of their own, for this user alone.");
  const auto flags = std::make_shared<OneOffFlags>();
  add_common_flags(*command, context.common);
  add_login_flags(*command, *flags, "Answers", "vCenter or ESXi host: its name, or a URL");
  command->callback([flags, &context] {
    context.action = [flags, &context] { return run_init(*flags, context); };
  });
}

}  // namespace ballast::cli
