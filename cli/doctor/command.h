// `ballast doctor`: checks what a scan needs, step by step, and says what to fix.
#pragma once

#include "cli/context.h"

namespace ballast::cli {

void add_doctor_command(CLI::App& app, Context& context);

}  // namespace ballast::cli
