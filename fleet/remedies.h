// What would give memory back, of many VMs at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/cause.h"
#include "model/judged_guest.h"

namespace ballast::fleet {

// The guests whose most telling cause is of one kind.
struct Remedy {
  model::CauseKind kind = model::CauseKind::kVmLimit;
  std::int64_t guests = 0;
  std::int64_t balloon_kib = 0;      // Σ of their balloons
  std::vector<std::string> objects;  // the pools or hosts, as vCenter has them; sorted, each once
};

// Returns the remedies for these guests, whose causes have been found; the one for the most memory
// first. None for guests without a cause.
[[nodiscard]] std::vector<Remedy> remedies_for(const std::vector<model::JudgedGuest>& guests);

// Returns what to do, in one sentence: "Remove the memory limit of these VMs." Names in it went
// through printable(); of many the first few are named.
[[nodiscard]] std::string remedy_sentence(const Remedy& remedy);

}  // namespace ballast::fleet
