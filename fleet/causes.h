// Why the hypervisor ballooned a VM: what the store tells of its surroundings, and the words for
// the causes. Pure but for read_scan_places().
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/cause.h"
#include "storage/queries.h"

namespace ballast::fleet {

// The hosts and resource pools of one scan, by moref.
struct ScanPlaces {
  std::map<std::string, model::HostLoad> hosts;
  std::map<std::string, model::ResourcePool> pools;

  // Returns what stands above the VM: its host, and its pools from its own one upwards. A cycle or
  // a tower of pools is cut.
  [[nodiscard]] model::VmSurroundings around(const model::VmView& vm) const;
};

// Returns them of a finished scan; of its hosts the one with that moref alone has its load, if it is
// not "". Errors: those of Queries.
[[nodiscard]] Result<ScanPlaces> read_scan_places(storage::Queries& queries, std::int64_t scan_id,
                                                  const std::string& host_moref);

// Returns why the VM has a balloon, the most telling cause first. Empty if that is not known, and
// for a VM without a balloon.
[[nodiscard]] std::vector<model::Cause> causes_of(const model::JudgedGuest& row,
                                                  const model::VmSurroundings& around);

// Returns the cause in one sentence: "Its limit of 2.00 GiB is below its configured memory of
// 4.00 GiB." Names went through printable().
[[nodiscard]] std::string cause_sentence(const model::Cause& cause);
// Returns what to do, in one sentence: "Remove the memory limit of the VM."
[[nodiscard]] std::string fix_sentence(const model::Cause& cause);
// Returns the first one in two words, for a column: "VM limit", "pool limit", …; "" for none.
[[nodiscard]] std::string_view cause_title(const std::vector<model::Cause>& causes);

}  // namespace ballast::fleet
