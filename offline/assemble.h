// Makes a reading of a guest's files.
#pragma once

#include <optional>

#include "base/time.h"
#include "model/guest_reading.h"
#include "offline/files.h"

namespace ballast::offline {

// Parses all files. A file that is missing leaves its part of the reading empty; so does one that
// cannot be understood, and a sentence in the reading's notes says so. The notes of `files` are
// kept.
[[nodiscard]] model::GuestReading assemble(const GuestFiles& files);

// Returns when the files were taken: by the `date` of a sosreport, if that is in UTC, else by the
// time at which meminfo was written. Empty if neither is told.
[[nodiscard]] std::optional<UtcTime> taken_at(const GuestFiles& files);

}  // namespace ballast::offline
