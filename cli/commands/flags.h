// Where the configuration and the store are, by the common flags.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"

namespace ballast::cli {

// Returns --config, else $BALLAST_CONFIG, else the first of these files that is there:
// $XDG_CONFIG_HOME/ballast/ballast.toml (by default below ~/.config), /etc/ballast/ballast.toml;
// nullopt if none is. Never one in the current folder, which may be another user's: a configuration
// runs commands. A file that was named is returned whether or not it is there.
[[nodiscard]] std::optional<std::string> find_config(const CommonOptions& options);

// Returns the files that are looked at where none is named, in this order.
[[nodiscard]] std::vector<std::string> usual_config_places();

// As find_config; no file is an error. Errors: kConfig, with the places that were looked at.
[[nodiscard]] Result<std::string> config_path(const CommonOptions& options);

// Returns the variable's value; "" if it is not set.
[[nodiscard]] std::string environment_variable(const char* name);

// The database's file: --db, else what the configuration says. Errors: those of config_path and
// load_config.
[[nodiscard]] Result<std::string> resolve_database(const CommonOptions& options);

}  // namespace ballast::cli
