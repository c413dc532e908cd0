// What holds for the account and the verdict of whatever a guest printed.
#pragma once

#include "model/guest_reading.h"

namespace ballast::fuzz {

// Accounts for `reading` and judges the account with several figures for the balloon; aborts if a
// promise of model/account/account.h or model/verdict.h is broken. A reading that makes no account is fine.
void check_account_and_verdicts(const model::GuestReading& reading);

}  // namespace ballast::fuzz
