// One or more readings of a guest's files, judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/judged_guest.h"
#include "offline/inputs.h"

namespace ballast::fleet {

// What the user knows beside the files.
struct InspectFacts {
  // The hypervisor's balloon: one figure for each sample, in their order as given; or one, which is
  // that of the newest sample.
  std::vector<std::int64_t> balloons_kib;
  // Used where a sample has none of its own.
  std::optional<std::int64_t> mem_total_kib;
  std::optional<std::int64_t> mem_free_kib;
};

// One moment of the guest: what the files said, and what it comes to.
struct InspectedSample {
  offline::OfflineSample input;
  // The balloon that --balloon told, else VMware Tools, is its vm.stats.balloon_kib. Without a guest sample the files
  // do not allow an account; the verdict is unknown then.
  model::JudgedGuest judged;
  std::string no_account;  // why there is no account, a sentence
  // The hypervisor's figure is what VMware Tools in the guest said, and not --balloon.
  bool balloon_by_tools = false;

  // Returns the account; nullptr if there is none.
  [[nodiscard]] const model::MemoryAccount* account() const;
  // Returns how hard the kernel had to work for free memory, account or not.
  [[nodiscard]] model::ReclaimPressure pressure() const;
  // Tells whether more is unaccounted than the baseline and, as far as it is known, the balloon
  // explain; and whether that may be so, depending on what was not read.
  [[nodiscard]] bool has_unexplained() const;
  [[nodiscard]] bool may_have_unexplained() const;
};

struct Inspection {
  std::vector<InspectedSample> samples;  // the oldest first, at least one
  std::vector<std::string> notes;        // sentences about all of them

  [[nodiscard]] const InspectedSample& newest() const { return samples.back(); }
};

// Accounts for every sample and judges it: by the baseline that this guest's own samples without a
// balloon show (same boot, kernel, MemTotal and files read), else by the prior. Samples are put in order of
// time where all have one. `samples` is not empty. Errors: kInvalidArgument when the number of
// balloons fits neither; kParse when no sample has an account, evidence of a vmcore, the balloon's
// size, or another tool's figures.
[[nodiscard]] Result<Inspection> inspect_samples(std::vector<offline::OfflineSample> samples,
                                                 const InspectFacts& facts);

// Returns what was found, in one or two sentences.
[[nodiscard]] std::string headline(const Inspection& inspection);

// Returns what the vmcore shows of the balloon driver and of reclaim; empty without one.
[[nodiscard]] std::vector<std::string> vmcore_sentences(const InspectedSample& sample);

// Returns sentences that say what was missing and how it limits the answer.
[[nodiscard]] std::vector<std::string> inspection_notes(const Inspection& inspection);

// Returns sentences that say what to collect next time, the most telling first.
[[nodiscard]] std::vector<std::string> collect_next(const Inspection& inspection);

}  // namespace ballast::fleet
