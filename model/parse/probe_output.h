// Parser for what the guest probe (collector/probe.sh) prints. The format is described there.
#pragma once

#include <map>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// `text` is untrusted: sections may be missing, cut off or hostile. Text before the begin
// marker and behind the end marker is skipped, and so are sections it does not know. Errors: kParse
// when the begin marker, the end marker or meminfo is missing (a cut-off output is never half
// used), when the format's version is another, when a marker or section occurs twice, or when
// meminfo cannot be understood; kTooLarge above 1 MiB. Any other section that cannot be understood
// counts as not read, and a sentence in GuestReading::notes says so. Never reads more than its
// argument.
[[nodiscard]] Result<GuestReading> parse_probe_output(std::string_view text);

// Cuts the probe's output into its sections, without looking into them.

// Section name -> its text; views into the argument.
using ProbeSections = std::map<std::string_view, std::string_view>;

// Errors: kParse when the begin or end marker is missing, the format's version is not the one this
// program knows, or a section occurs twice; kTooLarge.
[[nodiscard]] Result<ProbeSections> split_probe_sections(std::string_view text);

}  // namespace ballast::model
