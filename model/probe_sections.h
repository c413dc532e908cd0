// Cuts the probe's output into its sections, without looking into them.
#pragma once

#include <map>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// Section name -> its text; views into the argument.
using ProbeSections = std::map<std::string_view, std::string_view>;

// Errors: kParse when the begin or end marker is missing, the format's version is not the one this
// program knows, or a section occurs twice; kTooLarge.
[[nodiscard]] Result<ProbeSections> split_probe_sections(std::string_view text);

}  // namespace ballast::model
