#include "cli/commands.h"

#include "cli/collect_command.h"
#include "cli/db_command.h"
#include "cli/doctor/command.h"
#include "cli/export_command.h"
#include "cli/inspect_command.h"
#include "cli/report_command.h"
#include "cli/scan_command.h"
#include "cli/vm_command.h"

namespace ballast::cli {

const std::vector<AddCommand>& every_command() {
  static const std::vector<AddCommand> commands = {
      add_scan_command,   add_collect_command, add_report_command, add_vm_command,
      add_export_command, add_inspect_command, add_db_command,     add_doctor_command};
  return commands;
}

}  // namespace ballast::cli
