// Reads a guest's files from a tar archive, such as a sosreport: .tar, .tar.gz, .tar.xz, .tar.bz2,
// .tar.zst.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "offline/archive_stream.h"
#include "offline/files.h"

namespace ballast::offline {

// Tells whether a file is an archive that read_archive() takes. `head` is its first 512 bytes, or
// all of a shorter one.
[[nodiscard]] bool is_archive(std::string_view head);

// Reads an archive, which is not trusted. It is read as a stream: nothing is written to disk, and
// only regular files that is_wanted() names are kept. Links are followed inside the archive, never
// out of it. Of several guests the one nearest to the top is taken. Files that lie beside each
// other, without proc/ above them, are a guest too, and so is a supportconfig of SUSE. What came
// before damage is used, and a note says so. Blocks.
//
// Errors: kNotFound for one without any meminfo; kParse for an archive that is damaged before its
// meminfo, or holds a path that leaves it ("../"), a file twice, or two guests side by side;
// kTooLarge for one that unpacks to absurdly much (a bomb) or has too many entries.
[[nodiscard]] Result<GuestFiles> read_archive(const ArchiveSource& source);
[[nodiscard]] Result<GuestFiles> read_archive(const std::filesystem::path& file);
// Does the same with an archive in memory.
[[nodiscard]] Result<GuestFiles> read_archive_bytes(std::string_view bytes);

// Reads a file that is compressed, but no archive: messages.gz, meminfo.xz. Empty if it is an
// archive. Errors: kParse for damage, kTooLarge above kMaxFileBytes.
[[nodiscard]] Result<std::optional<std::string>> read_single(const ArchiveSource& source);

// Reads the first 64 regular files of an archive, in the order of their names: texts that must tell
// by themselves what they are. Errors as read_archive() has them.
[[nodiscard]] Result<std::vector<LooseFile>> read_loose(const ArchiveSource& source);

}  // namespace ballast::offline
