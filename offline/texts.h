// Loose texts: a file with what one file of /proc, or one session of `crash`, printed.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ballast::offline {

enum class TextKind { kMeminfo, kVmstat, kZoneinfo, kVmallocinfo, kVmmemctl, kProbeOutput, kCrash };

// By its contents, whatever its name. Errors: kParse for what is none of them, with a hint for
// files that people try: a vmcore, an encrypted sosreport.
[[nodiscard]] Result<TextKind> recognise(std::string_view text);

// Where the text would lie in a guest's tree ("proc/meminfo"); "" for those that lie nowhere.
[[nodiscard]] std::string_view path_of(TextKind kind);

}  // namespace ballast::offline
