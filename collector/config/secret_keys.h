// The keys that say where a secret is. Private to the configuration.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "collector/config/config_table.h"
#include "collector/config/secret_source.h"

namespace ballast::collector {

// Takes the one of these keys that is set, and complains, in these words, if more are.
[[nodiscard]] SecretSource take_source(
    ConfigTable& table, std::string_view all,
    std::initializer_list<std::pair<const char*, SecretSource::Kind>> keys);

// Takes password_file, password_env or password_command; refuses a password in the file itself.
[[nodiscard]] SecretSource read_secret_source(ConfigTable& table);

}  // namespace ballast::collector
