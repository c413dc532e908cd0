// A guest's files in a tar archive, such as a sosreport is: .tar, .tar.gz, .tar.xz, .tar.bz2,
// .tar.zst.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "offline/files.h"

namespace ballast::offline {

// Whether a file that begins with `head` (its first 512 bytes, or all of it) is an archive that
// read_archive() takes.
[[nodiscard]] bool is_archive(std::string_view head);

// The archive is untrusted and read as a stream: nothing is written to disk, only regular files
// that is_wanted() are kept, links are never followed. Where several guests are in it, the one
// nearest to the top is taken. Errors: kParse for an archive that is damaged before meminfo, has no
// proc/meminfo, holds a path that leaves it ("../"), a file twice or two guests side by side;
// kTooLarge for one that unpacks to absurdly much (a bomb) or has too many entries. What came
// before damage is used, and noted.
[[nodiscard]] Result<GuestFiles> read_archive(const std::filesystem::path& file);

// The same from memory.
[[nodiscard]] Result<GuestFiles> read_archive_bytes(std::string_view bytes);

}  // namespace ballast::offline
