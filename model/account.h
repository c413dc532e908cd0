// The memory account of one guest: MemTotal split into disjoint named parts, and what is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Which counters a kernel has, and how they overlap; see account.cc for each era's formula.
enum class KernelEra { kEl5, kEl6, kEl7, kEl8, kModern };  // kModern: 5.3 and later, RHEL 9

[[nodiscard]] std::string_view to_string(KernelEra era);  // "el5" … "modern"

struct AccountPart {
  std::string_view name;  // stable key, e.g. "free", "pcp", "anon", "file", "slab" (see account.cc)
  std::int64_t kib = 0;
};

struct MemoryAccount {
  KernelEra era = KernelEra::kModern;
  std::int64_t mem_total_kib = 0;
  std::vector<AccountPart> parts;      // disjoint; Σ parts + unaccounted_kib == mem_total_kib
  std::int64_t unaccounted_kib = 0;    // may be negative, by counter skew
  std::int64_t counter_error_kib = 0;  // how far the per-CPU counters may lag in sum
  std::vector<std::string> missing;    // sentences: what could not be read and what it may hide

  // Evidence of the balloon from inside, each empty where the guest does not tell.
  std::optional<std::int64_t> driver_kib;       // vmmemctl status: current
  std::optional<std::int64_t> vmstat_kib;       // balloon_inflate - balloon_deflate, if ever fed
  std::optional<std::int64_t> lower_bound_kib;  // meminfo Balloon:
  bool resetting = false;                       // the driver was being reset: evidence is void
};

// Errors: kParse if MemTotal or another field the era cannot do without is missing or absurd.
[[nodiscard]] Result<MemoryAccount> account_memory(const GuestReading& reading);

}  // namespace ballast::model
