// A tar archive, or one compressed file, as a stream of entries: bounded, nothing written to disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

struct archive;
struct archive_entry;

namespace ballast::offline {

// What an archive is read from: a file, or bytes in memory, which must outlive the reading.
struct ArchiveSource {
  std::filesystem::path file;  // empty: the bytes
  std::string_view bytes;
};

struct ArchiveEntry {
  std::string path;  // as plain_path() makes it
  bool regular = false;
  std::string symlink;   // where it leads; "" if it is none
  std::string hardlink;  // as plain_path() makes it
  std::optional<UtcTime> modified;
};

// What the stream takes: tar of any compression, or one file that is compressed.
enum class ArchiveForm { kTar, kSingle };

class ArchiveStream {
 public:
  ArchiveStream(const ArchiveSource& source, ArchiveForm form);

  // Goes to the next entry, past what is left of this one. Returns false at the end. Errors: kParse
  // for damage and for a path that leaves the archive, kTooLarge for a bomb or too many entries.
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] const ArchiveEntry& entry() const { return entry_; }
  // Reads the entry. Errors: kTooLarge above `limit` bytes; those of next().
  [[nodiscard]] Result<std::string> contents(std::size_t limit);

  // Tells whether the archive turned out to be damaged: what came before is good.
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  struct Closer {
    void operator()(archive* handle) const;
  };

  Status skip_rest();
  Status check_size() const;
  Status take(archive_entry* raw);
  tl::unexpected<Error> damage();

  std::unique_ptr<archive, Closer> handle_;
  int opened_;
  bool inside_ = false;  // an entry of which something may be left
  bool damaged_ = false;
  std::int64_t entries_ = 0;
  std::int64_t expanded_ = 0;  // bytes that contents() has read
  ArchiveEntry entry_;
};

}  // namespace ballast::offline
