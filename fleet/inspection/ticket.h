// What an inspection found, as a paragraph that can be pasted into a ticket.
#pragma once

#include <string>

#include "fleet/inspection/inspection.h"

namespace ballast::fleet {

// Returns plain sentences about the newest sample, on one line: which guest and when, what was
// found, the figures that the verdict stands on, why it is that verdict, what was not read, and what
// to ask for next. Names from the guest are made printable.
[[nodiscard]] std::string ticket_summary(const Inspection& inspection);

}  // namespace ballast::fleet
