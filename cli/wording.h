// The words and figures that the commands share. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "cli/terminal.h"
#include "model/verdict.h"

namespace ballast::cli {

// Signs that have a plain ASCII form.
struct Signs {
  std::string_view plus_minus;
  std::string_view minus;
  std::string_view dash;  // between clauses
};
[[nodiscard]] Signs signs_for(const StreamTraits& traits);

// "1,234"; thousands are set apart, so that long figures can be read.
[[nodiscard]] std::string grouped(std::int64_t value);
// "1 guest", "152 guests".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);
// "1,283.4": MiB with one decimal, without the unit (which stands in the column's head).
[[nodiscard]] std::string mib(std::int64_t kib);
// "1,283": whole MiB, for what vCenter gives in whole MiB.
[[nodiscard]] std::string whole_mib(std::int64_t kib);
// "+3.4", "-0.2", "0.0".
[[nodiscard]] std::string signed_mib(std::int64_t kib);
// "-" where there is no value.
[[nodiscard]] std::string or_dash(const std::optional<std::int64_t>& kib,
                                  std::string (*format)(std::int64_t));

// "2026-11-23 13:05 UTC"
[[nodiscard]] std::string format_when(UtcTime time);
// "just now", "12 min ago", "3 h ago", "5 days ago".
[[nodiscard]] std::string format_age(UtcTime time, UtcTime now);

// "free, on per-CPU lists" for "pcp"; a key that is not known is shown as it is.
[[nodiscard]] std::string part_title(std::string_view key);
// "counter lag" for "counters", "vCenter's rounding" for "host_rounding", …
[[nodiscard]] std::string tolerance_title(std::string_view key);
// What the last column of a list says: the proof, "leak", or why there is no verdict.
[[nodiscard]] std::string_view proof_or_reason(const model::Judgement& judgement);
// "both figures agree in one reading", …; "" for none.
[[nodiscard]] std::string_view describe(model::Proof proof);

}  // namespace ballast::cli
