// Makes tar archives in memory, good and hostile ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ballast::test {

struct TarEntry {
  std::string path;
  std::string text;        // of a regular file
  std::string symlink;     // not empty: a symbolic link to this
  std::string hardlink;    // not empty: a hard link to this
  std::int64_t zeros = 0;  // follow the text
};

enum class TarFilter { kNone, kGzip, kBzip2, kXz, kZstd };

// Throws if libarchive does not play along.
std::string make_tar(const std::vector<TarEntry>& entries, TarFilter filter = TarFilter::kNone,
                     std::int64_t mtime = 1'700'000'000);

// Compresses one text, as gzip and the like do.
std::string compress(const std::string& text, TarFilter filter);

}  // namespace ballast::test
