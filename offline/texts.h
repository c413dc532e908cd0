// Loose texts: files that hold what one file of /proc, the probe, or one session of `crash`
// printed.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ballast::offline {

enum class TextKind { kMeminfo, kVmstat, kZoneinfo, kVmallocinfo, kVmmemctl, kProbeOutput, kCrash };

// Tells what a text is, by its contents alone. Errors: kParse for what is none of these, with a
// hint for files that people try: a vmcore, an encrypted sosreport.
[[nodiscard]] Result<TextKind> recognise(std::string_view text);

// Returns where the text would be in a guest's tree ("proc/meminfo"); "" for those that have no
// place in it.
[[nodiscard]] std::string_view path_of(TextKind kind);

}  // namespace ballast::offline
