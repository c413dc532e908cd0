// A guest's files in a folder: an unpacked sosreport, a copy of proc/ and sys/, or a live root.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "offline/files.h"

namespace ballast::offline {

// `folder` holds proc/meminfo, or is itself a copy of /proc, or has exactly one sub-folder (no
// link) that holds proc/meminfo. Links inside the folder are followed, links out of it are not (and
// noted). Files that cannot be read are left out; meminfo is noted then. Errors: kNotFound when
// there is no meminfo; kInvalidArgument when several sub-folders have one; kUnreachable for a
// folder that cannot be read.
[[nodiscard]] Result<GuestFiles> read_directory(const std::filesystem::path& folder);

// Whether `file`, all links followed, lies in `folder`; false if it is not there.
[[nodiscard]] bool stays_inside(const std::filesystem::path& folder,
                                const std::filesystem::path& file);

// Pages with bit 23 (KPF_OFFLINE) in a file of the form of /proc/kpageflags, in KiB; empty if the
// file is missing, may not be read, or is larger than that of a guest of 256 GiB. It is read whole:
// 2 MiB for each GiB of the guest. Source: Documentation/admin-guide/mm/pagemap.rst.
[[nodiscard]] std::optional<std::int64_t> count_offline_pages(const std::filesystem::path& file);

// The whole of one regular file. Errors: kNotFound, kPermission, kTooLarge above `limit`,
// kInvalidArgument for what is no regular file, kUnreachable for an I/O error.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit);

// Its first bytes, at most `bytes` of them. Errors as read_file, but for kTooLarge.
[[nodiscard]] Result<std::string> read_head(const std::filesystem::path& file, std::size_t bytes);

}  // namespace ballast::offline
