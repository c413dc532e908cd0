// Fields of /proc/meminfo as people paste them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ballast::offline {

// Tells whether a kernel prints a field of this name in meminfo.
[[nodiscard]] bool is_meminfo_name(std::string_view name);

struct PastedField {
  std::string name;
  std::string digits;  // without separators of thousands
  bool has_unit = false;
};

// Reads the fields in one line: mostly one, all of them where line ends were lost. The unit may be
// missing or be written "kb" or "KB"; thousands may be set apart by dots, commas, apostrophes or
// blanks. Empty for a line that is anything else, whole or in part: also where a unit is not KiB or
// the separators are not between thousands.
[[nodiscard]] std::optional<std::vector<PastedField>> meminfo_fields(std::string_view line);

// Tells whether the line begins with the name of a field and a colon.
[[nodiscard]] bool begins_meminfo_field(std::string_view line);

}  // namespace ballast::offline
