#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/collect_command.h"
#include "cli/context.h"
#include "cli/db_command.h"
#include "cli/doctor/command.h"
#include "cli/export_command.h"
#include "cli/inspect_command.h"
#include "cli/process.h"
#include "cli/report_command.h"
#include "cli/scan_command.h"
#include "cli/vm_command.h"
#include "output/terminal.h"

int main(int argc, char** argv) {
  using namespace ballast;
  cli::harden_process();
  // In the order in which --help lists them.
  const std::vector<cli::AddCommand> commands = {cli::add_scan_command,   cli::add_collect_command,
                                                 cli::add_report_command, cli::add_vm_command,
                                                 cli::add_export_command, cli::add_inspect_command,
                                                 cli::add_db_command,     cli::add_doctor_command};
  const auto terminal = output::Terminal::of_process();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return cli::run_app(commands, arguments, *terminal, now_utc());
}
