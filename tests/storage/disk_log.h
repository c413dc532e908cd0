// What was done to the files of a folder, in its order, and what a loss of power may leave of it.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace ballast::storage {

struct DiskEvent {
  enum class Kind { kCreate, kWrite, kTruncate, kSync, kRemove, kSyncFolder, kNote };
  Kind kind = Kind::kNote;
  int file = 0;         // which one; a file that is made again under its name is another
  std::int64_t at = 0;  // kWrite: the offset; kTruncate: the new size; kNote: for the test
  std::string name;     // kCreate, kRemove: of the file; kNote: for the test
  std::string bytes;    // kWrite: what was written; kNote: for the test
};
using DiskLog = std::vector<DiskEvent>;

void save_log(const DiskLog& log, const std::string& path);
[[nodiscard]] DiskLog load_log(const std::string& path);

// Returns the files, by name, of a disk that lost power after the first `count` events. Certain is
// only what a sync of the file, or of the folder for its names, had come after. Of the rest each
// sector of a write, each truncation, each new name and each removal is there or not, and where a
// file grew by a sector that is not there, it may have grown all the same, by anything.
[[nodiscard]] std::map<std::string, std::string> after_power_loss(const DiskLog& log,
                                                                  std::size_t count,
                                                                  std::mt19937_64& random);

}  // namespace ballast::storage
