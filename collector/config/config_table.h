// One table of a TOML file being read: typed values by key, and a complaint with file and line for
// everything that is wrong; also the keys that say where a secret is. Private to the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "collector/config/secret_source.h"

namespace ballast::collector {

// Says whether "0s" is a duration.
enum class ZeroDuration { kRefused, kAllowed };

// Reads one table key by key. Reading goes on after a complaint, so that a user sees all mistakes
// at once.
class ConfigTable {
 public:
  // Keeps references to all three. `path` is the file's, for complaints, which go to `problems`.
  ConfigTable(const toml::table& table, const std::string& path, std::vector<std::string>& problems)
      : table_(&table), path_(&path), problems_(&problems) {}

  // Return the value of `key`, and mark the key as known. A wrong type or value is a complaint, and
  // gives the default.
  std::string text(std::string_view key, std::string otherwise = {});
  std::string required_text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);          // none if it is not there
  std::vector<std::string> text_or_texts(std::string_view key);  // a text, or a list of them
  std::string one_of(std::string_view key, const std::string& otherwise,
                     std::initializer_list<std::string_view> choices);
  std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least,
                      std::int64_t most);
  bool flag(std::string_view key, bool otherwise);
  std::chrono::seconds duration(std::string_view key, std::chrono::seconds otherwise,
                                ZeroDuration zero = ZeroDuration::kRefused);
  std::optional<ConfigTable> table(std::string_view key);
  std::vector<ConfigTable> tables(std::string_view key);  // [[key]]

  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }

  // Complains if `key` is there; `why` says what to do instead.
  void refuse(std::string_view key, const std::string& why);
  // Complains about the value of `key`, or about the table if it has none.
  void complain_about(std::string_view key, const std::string& problem);
  // Complains about the table as a whole.
  void complain(const std::string& problem);
  // Complains about every key that nobody asked for. Must be the last call on a table.
  void finish();

 private:
  const toml::node* take(std::string_view key);
  void complain_at(const toml::node& node, const std::string& problem);

  const toml::table* table_;
  const std::string* path_;
  std::vector<std::string>* problems_;
  std::set<std::string, std::less<>> known_;
};

// Takes the one of these keys that is set, and complains, in these words, if more are.
[[nodiscard]] SecretSource take_source(
    ConfigTable& table, std::string_view all,
    std::initializer_list<std::pair<const char*, SecretSource::Kind>> keys);

// Takes password_file, password_env or password_command; refuses a password in the file itself.
[[nodiscard]] SecretSource read_secret_source(ConfigTable& table);

}  // namespace ballast::collector
