// The files of one guest that an inspection uses, wherever they come from: a folder, an archive, or
// loose texts.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace ballast::offline {

struct GuestFiles {
  // Path below the guest's root -> its bytes: "proc/meminfo", "sos_commands/date/date", …
  std::map<std::string, std::string, std::less<>> files;
  std::optional<UtcTime> modified;  // when proc/meminfo was written, as an archive says
  std::vector<std::string> notes;   // sentences: what was there and could not be used
  bool cut_off = false;             // the archive was damaged: files may be missing
};

// A file that lies by itself, and is not known by its name.
struct LooseFile {
  std::string name;  // its path in the archive or below the folder
  std::string text;
};

// Returns where the files that matter may be: paths below the root, in which `*` stands for one
// component or a part of it.
[[nodiscard]] const std::vector<std::string>& wanted_patterns();
// Tells whether one of these patterns matches `path`.
[[nodiscard]] bool is_wanted(std::string_view path);
// Tells whether one of them ends in such a name: "sockstat".
[[nodiscard]] bool is_wanted_name(std::string_view name);
// Tells whether a path that matches may begin with this folder: "proc/net".
[[nodiscard]] bool leads_to_wanted(std::string_view folder);

// Larger files are left out and noted. No file of any guest that was seen came near it.
inline constexpr std::size_t kMaxFileBytes = 32 * 1024 * 1024;
// The limit for all files of one guest together.
inline constexpr std::size_t kMaxGuestBytes = 128 * 1024 * 1024;

}  // namespace ballast::offline
