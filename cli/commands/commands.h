// The commands of the program, each in the file of its name. Those whose work tests call without a
// command line have a header of their own beside that.
#pragma once

#include <vector>

#include "cli/context.h"

namespace ballast::cli {

// Each adds its command to the application: see AddCommand.
void add_scan_command(CLI::App& app, Context& context);
void add_collect_command(CLI::App& app, Context& context);
void add_report_command(CLI::App& app, Context& context);
void add_vm_command(CLI::App& app, Context& context);
void add_export_command(CLI::App& app, Context& context);
void add_inspect_command(CLI::App& app, Context& context);
void add_db_command(CLI::App& app, Context& context);
void add_doctor_command(CLI::App& app, Context& context);
void add_init_command(CLI::App& app, Context& context);

// Returns what adds each of them, in the order in which --help lists them.
[[nodiscard]] const std::vector<AddCommand>& every_command();

}  // namespace ballast::cli
