// Reads a guest's files from a tar archive, such as a sosreport: .tar, .tar.gz, .tar.xz, .tar.bz2,
// .tar.zst.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "offline/files.h"

namespace ballast::offline {

// Tells whether a file is an archive that read_archive() takes. `head` is its first 512 bytes, or
// all of a shorter one.
[[nodiscard]] bool is_archive(std::string_view head);

// Reads an archive, which is not trusted. It is read as a stream: nothing is written to disk, only
// regular files that is_wanted() names are kept, and links are never followed. Of several guests
// the one nearest to the top is taken. What came before damage is used, and a note says so. Blocks.
//
// Errors: kParse for an archive that is damaged before its meminfo, has no proc/meminfo, or holds a
// path that leaves it ("../"), a file twice, or two guests side by side; kTooLarge for one that
// unpacks to absurdly much (a bomb) or has too many entries.
[[nodiscard]] Result<GuestFiles> read_archive(const std::filesystem::path& file);

// Does the same with an archive in memory.
[[nodiscard]] Result<GuestFiles> read_archive_bytes(std::string_view bytes);

}  // namespace ballast::offline
