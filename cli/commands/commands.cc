#include "cli/commands/commands.h"

namespace ballast::cli {

const std::vector<AddCommand>& every_command() {
  static const std::vector<AddCommand> commands = {
      add_scan_command, add_collect_command, add_report_command,
      add_vm_command,   add_export_command,  add_inspect_command,
      add_db_command,   add_doctor_command,  add_init_command};
  return commands;
}

}  // namespace ballast::cli
