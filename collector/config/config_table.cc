#include "collector/config/config_table.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/spelling.h"
#include "base/text.h"
#include "base/time.h"

namespace ballast::collector {

const toml::node* ConfigTable::take(std::string_view key) {
  // A key is known once it was asked for, whether or not it is there.
  known_.emplace(key);
  return table_->get(key);
}

void ConfigTable::complain_at(const toml::node& node, const std::string& problem) {
  // One line, whatever the file says in its values.
  problems_->push_back(
      fmt::format("{}:{}: {}", *path_, node.source().begin.line, printable(problem)));
}

void ConfigTable::complain(const std::string& problem) { complain_at(*table_, problem); }

void ConfigTable::complain_about(std::string_view key, const std::string& problem) {
  const toml::node* node = take(key);
  complain_at(node == nullptr ? *table_ : *node, problem);
}

std::string ConfigTable::text(std::string_view key, std::string otherwise) {
  const toml::node* node = take(key);
  if (node == nullptr) return otherwise;
  // value_exact: a number where a text belongs is a mistake, not to be turned into one.
  const auto value = node->value_exact<std::string>();
  if (value && !value->empty()) return *value;
  complain_at(*node, fmt::format("{} must be a text in quotes, not empty", key));
  return otherwise;
}

std::string ConfigTable::required_text(std::string_view key) {
  if (take(key) == nullptr) complain(fmt::format("{} is missing", key));
  return text(key);
}

std::vector<std::string> ConfigTable::texts(std::string_view key) {
  const toml::node* node = take(key);
  std::vector<std::string> out;
  if (node == nullptr) return out;
  if (const toml::array* array = node->as_array()) {
    for (const auto& entry : *array) {
      if (const auto value = entry.value_exact<std::string>()) out.push_back(*value);
    }
    if (!out.empty() && out.size() == array->size()) return out;
  }
  complain_at(*node, fmt::format("{} must be a list of texts, [\"…\"], not empty", key));
  return {};
}

std::vector<std::string> ConfigTable::text_or_texts(std::string_view key) {
  const toml::node* node = take(key);
  if (node == nullptr) return {};
  if (node->is_array()) return texts(key);
  if (node->is_string()) {
    auto one = text(key);
    return one.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(one)};
  }
  complain_at(*node, fmt::format("{} must be a text in quotes, or a list of them", key));
  return {};
}

std::string ConfigTable::one_of(std::string_view key, const std::string& otherwise,
                                std::initializer_list<std::string_view> choices) {
  if (take(key) == nullptr) return otherwise;
  std::string value = text(key, otherwise);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  complain_at(*table_->get(key),
              fmt::format("{} = \"{}\" is not one of {}", key, value, fmt::join(choices, ", ")));
  return otherwise;
}

std::int64_t ConfigTable::number(std::string_view key, std::int64_t otherwise, std::int64_t least,
                                 std::int64_t most) {
  const toml::node* node = take(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= least && *value <= most) return *value;
  complain_at(*node, fmt::format("{} must be a whole number from {} to {}", key, least, most));
  return otherwise;
}

bool ConfigTable::flag(std::string_view key, bool otherwise) {
  const toml::node* node = take(key);
  if (node == nullptr) return otherwise;
  if (const auto value = node->value_exact<bool>()) return *value;
  complain_at(*node, fmt::format("{} must be true or false", key));
  return otherwise;
}

std::chrono::seconds ConfigTable::duration(std::string_view key, std::chrono::seconds otherwise,
                                           ZeroDuration zero) {
  const toml::node* node = take(key);
  if (node == nullptr) return otherwise;
  if (const auto value = node->value_exact<std::string>()) {
    if (zero == ZeroDuration::kAllowed && *value == "0s") return std::chrono::seconds(0);
    if (const auto parsed = parse_duration(*value)) return *parsed;
  }
  complain_at(*node,
              fmt::format("{} must be a duration in quotes, such as \"30s\" or \"5m\"", key));
  return otherwise;
}

std::optional<ConfigTable> ConfigTable::table(std::string_view key) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (const toml::table* table = node->as_table()) return ConfigTable(*table, *path_, *problems_);
  complain_at(*node, fmt::format("{} must be a section: [{}]", key, key));
  return std::nullopt;
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) {
  const toml::node* node = take(key);
  std::vector<ConfigTable> out;
  if (node == nullptr) return out;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    complain_at(*node, fmt::format("{} must be a repeated section: [[{}]]", key, key));
    return out;
  }
  for (const auto& entry : *array) out.emplace_back(*entry.as_table(), *path_, *problems_);
  return out;
}

void ConfigTable::refuse(std::string_view key, const std::string& why) {
  if (const toml::node* node = take(key)) complain_at(*node, why);
}

void ConfigTable::finish() {
  for (const auto& [key, node] : *table_) {
    if (known_.contains(key.str())) continue;
    NearNames near(key.str(), 3);
    for (const auto& name : known_) near.offer(name);
    const auto best = near.best();
    problems_->push_back(fmt::format(
        "{}:{}: unknown key \"{}\"; {}", *path_, key.source().begin.line, printable(key.str(), 60),
        best.empty() ? fmt::format("known here: {}", fmt::join(known_, ", "))
                     : fmt::format("did you mean {}?", fmt::join(best, " or "))));
  }
}

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
