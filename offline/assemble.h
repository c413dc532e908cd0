// From a guest's files to what its kernel said about memory.
#pragma once

#include <optional>

#include "base/time.h"
#include "model/guest_reading.h"
#include "offline/files.h"

namespace ballast::offline {

// Files that are missing leave their part of the reading empty; those that cannot be understood as
// well, and a sentence in the reading's notes says so. Notes of `files` are carried over.
[[nodiscard]] model::GuestReading assemble(const GuestFiles& files);

// When the files were taken: by `date` of a sosreport, where it is in UTC, else when meminfo was
// written; empty if neither is told.
[[nodiscard]] std::optional<UtcTime> taken_at(const GuestFiles& files);

}  // namespace ballast::offline
