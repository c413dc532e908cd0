// Everything one scan learned about one VM: the unit that the collector hands to the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/account.h"
#include "model/guest_reading.h"
#include "model/inventory.h"
#include "model/setback.h"
#include "model/verdict.h"

namespace ballast::model {

struct GuestSample {
  UtcTime read_at{};  // collector's clock when the probe's output was fetched
  GuestReading reading;
  MemoryAccount account;
  std::vector<ConsumerTrace> suspects;  // find_suspects(); they matter where there is excess
};

struct VmResult {
  VmView vm;
  std::optional<GuestSample> guest;  // empty when the guest was not or could not be read
  Judgement judgement;
  std::string detail;              // for kUnknown: the full sentence of what went wrong; else ""
  std::optional<Setback> setback;  // of a guest that was tried, or left alone, in vain
};

enum class ScanStatus { kRunning, kComplete, kPartial, kFailed };

[[nodiscard]] std::string_view to_string(ScanStatus status);  // "running", "complete", …

}  // namespace ballast::model
