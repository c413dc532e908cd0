// One or more readings of a guest's files, judged: what `ballast inspect` prints, in any format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/account.h"
#include "model/reclaim.h"
#include "model/suspects.h"
#include "model/verdict.h"
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

// One moment of the guest.
struct InspectedSample {
  offline::OfflineSample input;
  std::optional<std::int64_t> hypervisor_kib;
  std::optional<model::MemoryAccount> account;  // empty if the files do not allow one
  std::string no_account;                       // then why, a sentence
  model::Judgement judgement;                   // unknown without an account
  model::ReclaimPressure pressure;
  std::vector<model::ConsumerTrace> suspects;

  // The balloon that the judgement is about; empty if no side told its size.
  [[nodiscard]] std::optional<std::int64_t> judged_balloon_kib() const;
  // Unaccounted less baseline and that balloon; empty without account or balloon.
  [[nodiscard]] std::optional<std::int64_t> difference_kib() const;
  // More is unaccounted than the baseline and, as far as it is known, the balloon explain.
  [[nodiscard]] bool has_unexplained() const;
};

struct Inspection {
  std::vector<InspectedSample> samples;  // the oldest first, at least one
  std::vector<std::string> notes;        // sentences about all of them

  [[nodiscard]] const InspectedSample& newest() const { return samples.back(); }
};

// Accounts for every sample and judges it: by the baseline that this guest's own samples without a
// balloon show (same boot, kernel and MemTotal), else by the prior. Samples are put in order of
// time where all have one. `samples` is not empty. Errors: kInvalidArgument when the number of
// balloons fits neither; kParse when no sample has an account or evidence of a vmcore.
[[nodiscard]] Result<Inspection> inspect_samples(std::vector<offline::OfflineSample> samples,
                                                 const InspectFacts& facts);

// What happened, in one or two sentences.
[[nodiscard]] std::string headline(const Inspection& inspection);

// What the vmcore shows of the balloon driver and of reclaim; empty without one.
[[nodiscard]] std::vector<std::string> vmcore_sentences(const InspectedSample& sample);

// Sentences: what was missing and how it limits the answer.
[[nodiscard]] std::vector<std::string> inspection_notes(const Inspection& inspection);

// Sentences: what to collect next time, the most telling first.
[[nodiscard]] std::vector<std::string> collect_next(const Inspection& inspection);

}  // namespace ballast::fleet
