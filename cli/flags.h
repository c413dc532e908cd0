// Where the configuration and the store are, by the common flags.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/context.h"

namespace ballast::cli {

// --config, else ./ballast.toml if there is one, else /etc/ballast/ballast.toml.
[[nodiscard]] std::string config_path(const CommonOptions& options);

// The database's file: --db, else what the configuration says. Errors: those of load_config.
[[nodiscard]] Result<std::string> resolve_database(const CommonOptions& options);

}  // namespace ballast::cli
