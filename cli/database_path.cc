#include "cli/database_path.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "collector/config.h"

namespace ballast::cli {

std::string config_path(const CommonOptions& options) {
  if (!options.config_path.empty()) return options.config_path;
  std::error_code ignored;
  if (std::filesystem::exists("ballast.toml", ignored)) return "ballast.toml";
  return "/etc/ballast/ballast.toml";
}

Result<std::string> resolve_database(const CommonOptions& options) {
  if (!options.database_path.empty()) return options.database_path;
  auto config = collector::load_config(config_path(options));
  if (!config) return fail(config.error());
  return std::move(config->database);
}

}  // namespace ballast::cli
