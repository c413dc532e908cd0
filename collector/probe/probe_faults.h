// What a failed call of a probe means for its guest.
#pragma once

#include "base/result.h"
#include "model/verdict.h"

namespace ballast::collector {

// Returns what an error of guest operations means for the guest's verdict, by the class of its vim
// fault or the nearest one above it. is_guests_own() says who is charged for it. A fault that
// nobody knows is the server's: to ask a guest once too often does less harm than to leave it alone
// for what others did.
[[nodiscard]] model::UnknownReason reason_of(const Error& error);

}  // namespace ballast::collector
