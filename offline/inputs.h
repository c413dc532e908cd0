// What the user named on the command line, as readings of a guest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/crash/text.h"
#include "model/guest_reading.h"

namespace ballast::offline {

// One guest at one moment.
struct OfflineSample {
  std::vector<std::string> sources;  // the paths it comes from, as given
  std::optional<UtcTime> taken_at;
  model::GuestReading reading;  // meminfo is empty if only a back trace and the like was given
  std::optional<model::VmcoreEvidence> vmcore;
  bool cut_off = false;  // it comes from a damaged archive, and may lack files
};

struct Inputs {
  std::vector<OfflineSample> samples;  // in the order of the paths
  std::vector<Error> failures;         // one for each path that gave nothing
};

// Each path is a folder or an archive with a guest's files, or a loose text. Loose texts of /proc
// belong to one moment until a kind of text comes again: that begins the next moment. Texts of
// crash that follow one another are one moment; so is the probe's output. Untrusted, bounded: see
// directory.h, archive.h, guest_texts.h. A path that fails takes nothing from the others.
[[nodiscard]] Inputs read_inputs(const std::vector<std::string>& paths);

}  // namespace ballast::offline
