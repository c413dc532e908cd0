// Doctor's look at this machine: configuration, password files, database, disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/doctor/checks.h"
#include "collector/config/config.h"

namespace ballast::cli {

// The file that was read, and what is in it.
[[nodiscard]] Check check_configuration(const std::string& path, const collector::Config& config);

// One check for each file with a password, a token or a key that has a fault, or one for all of
// them; none without any.
[[nodiscard]] std::vector<Check> check_password_files(const collector::Config& config);

// Integrity and schema. Not there yet is fine: the first scan creates it.
[[nodiscard]] Check check_store(const std::string& path);

// Whether a scan could write there; writes a block to a file without a name.
[[nodiscard]] Check check_writing(const std::string& path);

// The free space of the file system that the database is on.
[[nodiscard]] Check check_space(const std::string& path);
// … judged: a scan needs room for what it adds, and SQLite's log may become as large as the file.
[[nodiscard]] Check judge_space(std::int64_t free_kib, std::int64_t database_kib);

}  // namespace ballast::cli
