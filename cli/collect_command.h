// `ballast collect`.
#pragma once

#include "cli/context.h"

namespace ballast::cli {

void add_collect_command(CLI::App& app, Context& context);

}  // namespace ballast::cli
