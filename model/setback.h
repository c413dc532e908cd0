// What keeps failing, and when it is tried again. The store keeps both kinds across scans.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "model/verdict.h"

namespace ballast::model {

// A guest whose probe failed, perhaps many times in a row. It is left alone until `next_try`,
// unless another login is configured for it.
struct Setback {
  UnknownReason reason = UnknownReason::kNone;  // of the last try
  int failures = 0;                             // tries in a row
  UtcTime last_try{};
  UtcTime next_try{};    // equal to last_try where the guest is tried at every scan
  std::string username;  // the login of the last try
};

// A login that guest after guest of one vCenter refused, while none took it.
struct LoginSetback {
  std::string vcenter;  // its name, where it is told to people
  std::string username;
  int failures = 0;  // times it was suspended in a row
  UtcTime last_try{};
  UtcTime next_try{};
};

// What the store remembers of one guest, for the choice whom to probe.
struct GuestRecord {
  std::string instance_uuid;  // "" where vCenter gives none
  std::string moref;
  std::size_t reads = 0;             // how often it was read in the span that was asked for
  std::optional<UtcTime> last_read;  // the newest of these
  std::optional<Setback> setback;
  std::size_t probes = 0;  // how many of these reads were by a login, and no report of the guest's
};

}  // namespace ballast::model
