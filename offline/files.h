// The files of one guest that an inspection uses, wherever they come from: a folder, an archive,
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
  // Path below the guest's root, e.g. "proc/meminfo" or "sos_commands/date/date", -> the bytes.
  std::map<std::string, std::string, std::less<>> files;
  std::optional<UtcTime> modified;  // when proc/meminfo was written, as an archive says
  std::vector<std::string> notes;   // sentences: what was there and could not be used
  bool cut_off = false;             // the archive was damaged: files may be missing
};

// Where the files that matter may be: paths below the root, `*` for one component or a part of it.
[[nodiscard]] const std::vector<std::string>& wanted_patterns();
// Whether `path` is one of them.
[[nodiscard]] bool is_wanted(std::string_view path);

// No file that is used is larger, in any guest that was seen; larger ones are noted and left out.
inline constexpr std::size_t kMaxFileBytes = 32 * 1024 * 1024;
// All files of a guest together.
inline constexpr std::size_t kMaxGuestBytes = 128 * 1024 * 1024;

}  // namespace ballast::offline
