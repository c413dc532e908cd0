// What a guest hands to the hypervisor as guestinfo, as send.sh writes it: a seal, a blank, and the
// probe's output in one line. Pure, but for the key's randomness; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace ballast::collector {

// The names under which it stands there.
inline constexpr std::string_view kProbeKey = "guestinfo.ballast.probe";    // of a probe of ours
inline constexpr std::string_view kReportKey = "guestinfo.ballast.report";  // of the guest's own

// Returns a key that nobody else knows, for one probe.
[[nodiscard]] Secret new_guestinfo_key();
// Returns a number in hex that no probe was given before.
[[nodiscard]] std::string new_nonce();

// Returns the probe's output, if `told` was sealed with `key`: then the probe that was given the key
// wrote it, and nobody else in the guest. nullopt for anything else, such as the text of an earlier
// probe.
[[nodiscard]] std::optional<std::string> open_sealed(std::string_view told, const Secret& key);

// Returns the probe's output in a report of the guest's own, which any of its users may have
// written. nullopt if it is none.
[[nodiscard]] std::optional<std::string> open_report(std::string_view told);

}  // namespace ballast::collector
