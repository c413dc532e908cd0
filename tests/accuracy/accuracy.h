// How far the account is from the truth, for every capture: what accuracy_test checks and what
// docs/ACCURACY.md shows. The real probe is run by a real shell over the captured tree; parser,
// account, prior and verdict are the product's.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/account/account.h"
#include "model/guest_reading.h"
#include "model/verdict.h"
#include "tests/accuracy/captures.h"
#include "tests/accuracy/probe_runner.h"

namespace ballast::test {

// What the project claims, in KiB: at rest with up to 4 CPUs, for each CPU beyond, and under reclaim
// or with many processes or files.
inline constexpr std::int64_t kErrorAtRest = 307;
inline constexpr std::int64_t kErrorOfCpu = 102;
inline constexpr std::int64_t kErrorUnderLoad = 2560;

// Who reads: root; an ordinary account, which has neither vmallocinfo nor the driver's status file;
// root where zoneinfo is missing.
enum class Access { kRoot, kNoRoot, kNoZoneinfo };

struct Measured {
  Capture capture;
  model::GuestReading reading;
  model::MemoryAccount account;

  [[nodiscard]] std::int64_t residual_kib() const {
    return account.unaccounted_kib - capture.balloon_kib;
  }
  // The balloon as vCenter would show it: whole MiB.
  [[nodiscard]] std::int64_t hypervisor_kib() const;
  // With the prior, as in a first scan.
  [[nodiscard]] model::Judgement judge(std::optional<std::int64_t> hypervisor_kib) const;
  [[nodiscard]] model::Judgement judge() const { return judge(hypervisor_kib()); }
  // What `judge()` is to say.
  [[nodiscard]] model::Verdict expected() const;
};

// All captures in order. Throws, naming the capture, if one cannot be read.
[[nodiscard]] std::vector<Measured> measure_all(GuestShell shell);
const std::vector<Measured>& measured();  // by dash, as root
const std::vector<Measured>& measured(Access access);

// The balloon-free residual of the guest's boot, read with the same access.
[[nodiscard]] std::int64_t baseline_kib(const Measured& guest, Access access = Access::kRoot);

// How large the error of this capture may be.
[[nodiscard]] std::int64_t largest_error_kib(const Capture& capture);

// unaccounted - balloon - baseline: 0 if the account is right.
[[nodiscard]] std::int64_t error_kib(const Measured& guest, Access access = Access::kRoot);

// The hypervisor's figures, in whole MiB up to MemTotal, with which the guest is a `balloon`: the
// lowest and the highest. Empty if there is none. Throws if there are gaps between them.
using Figures = std::optional<std::pair<std::int64_t, std::int64_t>>;
[[nodiscard]] Figures taken_for_a_balloon(const Measured& guest);

// How much unaccounted memory has grown since the series' first point, which has no balloon, and
// where it is to be: between the balloon before and after the reading.
struct SeriesError {
  std::int64_t least_kib = 0;
  std::int64_t most_kib = 0;
  std::int64_t seen_kib = 0;

  [[nodiscard]] bool moving() const { return least_kib != most_kib; }
  // How far it is outside; 0 inside.
  [[nodiscard]] std::int64_t outside_kib() const;
};

[[nodiscard]] std::vector<SeriesError> follow(const Series& series);

}  // namespace ballast::test
