// Looks after the database file as a whole: checks it and copies it. Any thread; writers and
// readers go on meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/options.h"

namespace ballast::storage {

struct HealthReport {
  bool ok = false;  // no problems
  int schema_version = 0;
  std::int64_t file_bytes = 0;        // the file and its write-ahead log
  std::int64_t scans = 0;             // finished ones
  std::vector<std::string> problems;  // sentences
  std::string hint;                   // what to try about them; "" without problems
};

// Checks pages, indexes, references and the schema version. A file that cannot be read as a
// database gives a report with problems. Errors: kNotFound if there is no such file.
Result<HealthReport> check_database(const std::string& path, OpenOptions options = {});

// Copies the database, as it is at one moment, to a new file (mode 0640 less the umask), which is
// on the disk when this returns. Errors: those of Queries::open; kInvalidArgument if `target`
// exists; kStorage with the system's reason. After an error there is no new file.
Status back_up(const std::string& path, const std::string& target, OpenOptions options = {});

}  // namespace ballast::storage
