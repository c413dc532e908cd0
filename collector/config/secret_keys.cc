#include "collector/config/secret_keys.h"

#include <string>

#include <fmt/format.h>

namespace ballast::collector {

SecretSource take_source(ConfigTable& table, std::string_view all,
                         std::initializer_list<std::pair<const char*, SecretSource::Kind>> keys) {
  SecretSource source;
  int given = 0;
  for (const auto& [key, kind] : keys) {
    const std::string value = table.text(key);
    if (value.empty()) continue;
    source = {kind, value};
    ++given;
  }
  if (given > 1) table.complain(fmt::format("more than one of {} is set", all));
  return source;
}

SecretSource read_secret_source(ConfigTable& table) {
  auto source = take_source(table, "password_file, password_env and password_command",
                            {{"password_file", SecretSource::Kind::kFile},
                             {"password_env", SecretSource::Kind::kEnvironment},
                             {"password_command", SecretSource::Kind::kCommand}});
  table.refuse("password",
               "a password does not belong in this file; use password_file, password_env or "
               "password_command");
  return source;
}

}  // namespace ballast::collector
