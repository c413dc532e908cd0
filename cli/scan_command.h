// `ballast scan`: one fleet scan now.
#pragma once

#include "cli/context.h"

namespace ballast::cli {

void add_scan_command(CLI::App& app, Context& context);

}  // namespace ballast::cli
