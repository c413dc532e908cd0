// A judged guest as JSON, as `ballast vm` and `ballast inspect` show it.
#pragma once

#include "model/judged_guest.h"
#include "output/json.h"

namespace ballast::cli {

// Returns the parts of the account by name; an empty object without one.
[[nodiscard]] output::Json json_of_parts(const model::JudgedGuest& guest);
// Returns the terms of the tolerance by name; null without an account.
[[nodiscard]] output::Json json_of_terms(const model::JudgedGuest& guest);

}  // namespace ballast::cli
