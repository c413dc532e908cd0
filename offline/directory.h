// Reads a guest's files from a folder: an unpacked sosreport, a copy of proc/ and sys/, or a live
// root. Everything here blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "offline/files.h"

namespace ballast::offline {

// Reads the files of a guest. `folder` must hold proc/meminfo, or be a copy of /proc itself, or
// be what supportconfig of SUSE wrote, or have exactly one sub-folder (no link) that is one of
// these. Links that stay inside are
// followed; links that leave are not, and are noted. Files that cannot be read are left out; of
// meminfo that is noted. Errors: kNotFound when there is no meminfo; kInvalidArgument when several
// sub-folders have one; kUnreachable for a folder that cannot be read.
[[nodiscard]] Result<GuestFiles> read_directory(const std::filesystem::path& folder);

// Reads the first 64 regular files of a folder, in the order of their names: texts that must tell
// by themselves what they are. Links, and files that cannot be read or are too large, are left out.
// Errors: as read_directory().
[[nodiscard]] Result<std::vector<LooseFile>> read_loose_folder(const std::filesystem::path& folder);

// Tells whether `file`, with all links followed, is inside `folder`; false if it does not exist.
[[nodiscard]] bool stays_inside(const std::filesystem::path& folder,
                                const std::filesystem::path& file);

// Counts the pages with bit 23 (KPF_OFFLINE) in a file such as /proc/kpageflags, and returns KiB.
// Empty if the file is missing, may not be read, or is larger than that of a guest of 256 GiB. It
// is read whole: 2 MiB for each GiB of the guest. Source: Documentation/admin-guide/mm/pagemap.rst.
[[nodiscard]] std::optional<std::int64_t> count_offline_pages(const std::filesystem::path& file);

// Reads the whole of one regular file. Errors: kNotFound, kPermission, kTooLarge above `limit`
// bytes, kInvalidArgument for what is no regular file, kUnreachable for an I/O error.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit);

// Reads its first bytes, at most `bytes` of them. Errors as read_file(), without kTooLarge.
[[nodiscard]] Result<std::string> read_head(const std::filesystem::path& file, std::size_t bytes);

// Reads standard input to its end. Errors: kTooLarge above `limit` bytes, kUnreachable for an I/O
// error.
[[nodiscard]] Result<std::string> read_standard_input(std::size_t limit);

}  // namespace ballast::offline
