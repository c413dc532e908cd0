// `ballast db`: the store itself.
#pragma once

#include "cli/context.h"

namespace ballast::cli {

void add_db_command(CLI::App& app, Context& context);

}  // namespace ballast::cli
