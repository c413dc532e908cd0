// The checks behind `ballast doctor`, each with its outcome and what to do about it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "cli/wiring.h"
#include "collector/config.h"
#include "collector/selection.h"

namespace ballast::cli {

enum class CheckState { kOk, kWarning, kFailed, kSkipped };

struct Check {
  std::string subject;  // "configuration", "database", or a vCenter's name
  std::string what;     // "login", "privileges", …
  CheckState state = CheckState::kOk;
  std::string detail;  // what was found, or what is wrong; may hold text from outside
  std::string hint;    // what to do; "" if nothing
  std::chrono::milliseconds took{0};
};

// Not there yet is fine: the first scan creates it.
[[nodiscard]] Check check_store(const std::string& path);

// Connects, then looks at clock, privileges, inventory, and probes one guest: the one whose name is
// `guest`, or the first a scan would probe when that is empty. Stops at the first step that makes
// the rest impossible. Always logs out. The connection and the rules must outlive the call.
Awaitable<std::vector<Check>> check_vcenter(Connection& connection,
                                            const collector::SelectionRules& rules,
                                            std::string guest);

}  // namespace ballast::cli
