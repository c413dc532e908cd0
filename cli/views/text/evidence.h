// The sections that `ballast vm` and `ballast inspect` share: verdict, why it was given, evidence,
// causes, pressure, suspects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cause.h"
#include "model/guest_reading.h"
#include "model/judged_guest.h"
#include "model/reclaim.h"
#include "model/verdict.h"
#include "output/page.h"
#include "output/terminal.h"

namespace ballast::cli {

// Returns the style that says how good or bad a verdict is.
[[nodiscard]] output::Style style_of(model::Verdict verdict);

// Prints, under a heading, the verdict, its proof, or the reason why there is none with `detail`
// (safe to print).
void print_conclusion(const model::Judgement& judgement, const std::string& detail,
                      output::Page& page);

// Prints the difference (empty: not known), the tolerance with its terms, the baseline.
void print_reasoning(const model::Judgement& judgement, std::optional<std::int64_t> difference_kib,
                     output::Page& page);

// What the sides that know the balloon's size are called.
struct EvidenceWords {
  std::string_view hypervisor = "vCenter";
  std::string_view hypervisor_source = "";
  std::string_view driver_source = ", from its status file in the guest";
  std::string module = {};  // of the balloon driver, safe to print; "" if that is not known
};
// Prints the balloon's size as each side says, only those that say something; nothing if none does.
void print_evidence(const model::JudgedGuest& guest, const EvidenceWords& words,
                    output::Page& page);

// Prints what earlier readings tell: lockstep, leak; nothing where they do not.
void print_history_evidence(const model::Judgement& judgement, output::Page& page);

// Prints a section with each cause, its fix and what that frees; without causes it says so.
// `is_limited`: the scan saw only some of the VMs beside it.
void print_causes(const std::vector<model::Cause>& causes, bool is_limited, output::Page& page);

// Prints a section with what stalls tasks now, and what happened since the guest's boot; nothing
// where nothing is known.
void print_pressure(const model::ReclaimPressure& pressure, output::Page& page);

// Prints a section with each suspect, its size, the file that told, and what to check. Meant for
// verdict kExcess; without suspects it says how to find out.
void print_suspects(const model::GuestSample& guest, output::Page& page);

// Returns the first, the largest: "XFS metadata buffers, at least 412 MiB"; "" if none has a size.
[[nodiscard]] std::string largest_suspect(const std::vector<model::ConsumerTrace>& suspects);

}  // namespace ballast::cli
