// From a probe's text to the VM's result: parse, account, judge.
#pragma once

#include <string>

#include "base/time.h"
#include "model/vm_result.h"

namespace ballast::collector {

// `output` is what the guest sent and is not trusted: what cannot be understood becomes a result
// with verdict unknown, reason kOutputUnreadable and the parser's words.
[[nodiscard]] model::VmResult judge_guest(model::VmView vm, const std::string& output,
                                          UtcTime read_at);

}  // namespace ballast::collector
