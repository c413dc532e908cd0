// Suspects of excess memory as the commands show them.
#pragma once

#include <vector>

#include "cli/json.h"
#include "cli/page.h"
#include "model/suspects.h"

namespace ballast::cli {

// A heading, and for each suspect its size, the file that told, and what to check; says so where
// there is none.
void print_suspects(const std::vector<model::ConsumerTrace>& suspects, Page& page);

// An array of {consumer, size_kib, bound, source, detail}.
[[nodiscard]] Json json_of_suspects(const std::vector<model::ConsumerTrace>& suspects);

}  // namespace ballast::cli
