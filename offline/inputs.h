// Makes readings of guests of what the user named on the command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/crash/text.h"
#include "model/guest_reading.h"
#include "model/parse/other_tools.h"

namespace ballast::offline {

// One guest at one moment.
struct OfflineSample {
  std::vector<std::string> sources;  // the paths it comes from, as given
  std::optional<UtcTime> taken_at;
  model::GuestReading reading;  // without meminfo if only text such as a back trace was given
  std::optional<model::VmcoreEvidence> vmcore;
  bool cut_off = false;  // it comes from a damaged archive, and may lack files
  std::string moment;  // what a heading in a text called it, "Tue Jul 29 04:00:02 MSK 2025"; or ""
  std::vector<model::ToolFigures> tools;  // of free, top and others, where texts had some
  std::vector<std::string> notes;         // sentences: how texts were read, what was left out
};

struct Inputs {
  std::vector<OfflineSample> samples;  // in the order of the paths
  std::vector<Error> failures;         // one for each path that gave nothing
  std::vector<std::string> notes;      // sentences: texts that belong to no sample
  // A failure may have been another moment of the guest, so that "the newest sample" may be wrong.
  bool lost_a_moment = false;
};

// Reads each path: a folder or an archive with a guest's files, or a loose text: a copy of a file of
// /proc, or what somebody pasted, which may hold several of them. Loose texts of /proc belong to one
// moment, until a kind of text comes again or a heading names another: that begins the next moment.
// Texts of crash that follow each other are one moment; each output of the probe is one. What is
// read is not trusted, and bounded: see directory.h, archive.h, texts.h. A path that fails does not
// stop the others. Blocks.
[[nodiscard]] Inputs read_inputs(const std::vector<std::string>& paths);

}  // namespace ballast::offline
