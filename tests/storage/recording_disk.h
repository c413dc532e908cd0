// A file system for SQLite that remembers what was done to the disk, and that can be full.
#pragma once

#include <memory>
#include <string>

#include "tests/storage/disk_log.h"

namespace ballast::storage {

// While it lives, it stands between SQLite and the files of one folder: it is SQLite's default file
// system, on top of the real one. Connections have to be closed before it goes. What SQLite or
// ballast syncs is seen as the kernel is told of it. The shared memory (-shm) is no part of the
// disk, as it is made again at each start. One at a time, and one thread at a time.
class RecordingDisk {
 public:
  // What is in the folder already counts as being on the disk.
  explicit RecordingDisk(const std::string& folder);
  ~RecordingDisk();
  RecordingDisk(const RecordingDisk&) = delete;
  RecordingDisk& operator=(const RecordingDisk&) = delete;

  // Puts a word of the test's own into the log.
  void note(std::string name, std::int64_t at, std::string text);
  [[nodiscard]] const DiskLog& log() const;

  // Whatever needs space – new files, writes, syncs, shared memory that grows – succeeds so many
  // times more, and then fails, `refusals` times at most: a write half done, all with ENOSPC.
  void fill_up(int calls, int refusals);
  void make_room();
  // Returns how many calls were refused since fill_up().
  [[nodiscard]] int refused() const;

 private:
  struct Shim;
  std::unique_ptr<Shim> shim_;
};

}  // namespace ballast::storage
