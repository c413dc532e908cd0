// Who may hold the memory that the balloon does not explain, for people.
#pragma once

#include <string>
#include <vector>

#include "cli/page.h"
#include "model/guest_reading.h"

namespace ballast::cli {

// A section of its own: each suspect with its size and the file that told, and what to check. Meant
// for verdict kExcess; without suspects it says how to find out.
void print_suspects(const std::vector<model::ConsumerTrace>& suspects, Page& page);

// "XFS metadata buffers, at least 412 MiB" of the first, the largest; "" if none has a size.
[[nodiscard]] std::string largest_suspect(const std::vector<model::ConsumerTrace>& suspects);

}  // namespace ballast::cli
