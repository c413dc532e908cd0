#include "model/account/contradictions.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "base/units.h"

namespace ballast::model {

namespace {

// What is read a moment later may differ a little: a page that was freed, a hot-added block.
constexpr std::int64_t kMoment = kKibPerMib;
// Free memory may change by a lot between two files of one sosreport; by more than this share of
// all memory the two are not of one moment, and the account mixes them.
constexpr std::int64_t kFreeShare = 4;

std::optional<std::int64_t> field_of(const Meminfo& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

bool are_near(std::int64_t a, std::int64_t b, std::int64_t error) {
  return std::abs(a - b) <= error;
}

bool is_container(const GuestReading& reading) {
  return field_of(reading.meminfo, "Slab") == 0 &&
         field_of(reading.meminfo, "KReclaimable").value_or(0) > 0;
}

// The kernel prints Slab as the sum of the two.
std::string of_slab(const GuestReading& reading, const MemoryAccount& account) {
  const auto slab = field_of(reading.meminfo, "Slab");
  const auto reclaimable = field_of(reading.meminfo, "SReclaimable");
  const auto rest = field_of(reading.meminfo, "SUnreclaim");
  if (!slab || !reclaimable || !rest) return {};
  if (are_near(*slab, *reclaimable + *rest, kMoment + account.counter_error_kib)) return {};
  return fmt::format("Slab is {}, and SReclaimable and SUnreclaim together are {}",
                     format_size(*slab), format_size(*reclaimable + *rest));
}

// From 3.10 on the managed pages of all zones are MemTotal, exactly.
std::string of_zones(const GuestReading& reading, const MemoryAccount& account) {
  if (!reading.zones || reading.zones->managed_pages <= 0) return {};
  const auto managed = kib_from_pages(reading.zones->managed_pages);
  const auto total = account.mem_total_kib;
  if (are_near(managed, total, kMoment)) return {};
  for (const std::int64_t factor : {4, 16}) {
    if (!are_near(managed, total / factor, kMoment)) continue;
    return fmt::format(
        "pages are of {} KiB, as no x86 has them, and VMware's balloon driver is for x86 alone",
        factor * kPageKib);
  }
  return fmt::format(
      "MemTotal is {}, and zoneinfo says {}: {}", format_size(total), format_size(managed),
      managed > total ? "these are a container's figures (LXCFS) beside the "
                        "kernel's own, or the files are of different machines"
                      : "the files are of different machines, or of different boots");
}

std::string of_free(const GuestReading& reading, const MemoryAccount& account) {
  const auto counted = field_of(reading.vmstat, "nr_free_pages");
  const auto free = field_of(reading.meminfo, "MemFree");
  if (!counted || !free) return {};
  const auto by_vmstat = kib_from_pages(*counted);
  if (are_near(by_vmstat, *free, std::max(account.mem_total_kib / kFreeShare, 16 * kMoment))) {
    return {};
  }
  return fmt::format(
      "MemFree is {}, and vmstat says {}: the files are not of one moment, or not of one machine",
      format_size(*free), format_size(by_vmstat));
}

// What VMware's driver holds stays in MemTotal; what others hold may be taken out of it, but is in
// the memory that is present.
std::string of_driver(const GuestReading& reading, const MemoryAccount& account) {
  const auto present = reading.zones ? kib_from_pages(reading.zones->present_pages) : INT64_MAX;
  const bool fits = account.driver_kib.value_or(0) <= account.mem_total_kib &&
                    account.vmstat_kib.value_or(0) <= present;
  if (fits) return {};
  return fmt::format(
      "the balloon driver holds {}, and MemTotal is {}: the files are of different "
      "machines",
      format_size(std::max(account.driver_kib.value_or(0), account.vmstat_kib.value_or(0))),
      format_size(account.mem_total_kib));
}

// Parts are disjoint, so they cannot be more than MemTotal.
std::string of_sum(const GuestReading& reading, const MemoryAccount& account) {
  const auto error =
      account.counter_error_kib + account.estimate_kib + account.reading_kib + kMoment;
  if (account.unaccounted_kib >= -error) return {};
  const auto more = format_size(-account.unaccounted_kib);
  if (field_of(reading.meminfo, "Hugepagesize").value_or(0) >= kKibPerGib &&
      field_of(reading.meminfo, "HugePages_Total").value_or(0) > 0) {
    return fmt::format(
        "the parts are {} more than MemTotal: before 3.0, huge pages of 1 GiB that were made at "
        "boot are outside MemTotal",
        more);
  }
  return fmt::format("the parts are {} more than MemTotal", more);
}

}  // namespace

std::string find_contradiction(const GuestReading& reading, const MemoryAccount& account) {
  if (is_container(reading)) {
    return "Slab is 0 beside other figures of a kernel: these are a container's figures (LXCFS), "
           "not the kernel's";
  }
  for (const auto check : {of_zones, of_slab, of_free, of_driver, of_sum}) {
    if (auto sentence = check(reading, account); !sentence.empty()) return sentence;
  }
  return {};
}

// A kernel never has more memory than the machine, of which it takes some away for itself and the
// firmware, nor more CPUs online (those of zoneinfo's per-CPU lists). Uptimes tell nothing: that of
// vCenter is of the VM's process, which begins anew with each vMotion (Broadcom KB 434017).
std::string find_contradiction(const GuestReading& reading, const VmView& vm) {
  const auto total = field_of(reading.meminfo, "MemTotal");
  if (total && vm.configured_kib && *total > *vm.configured_kib) {
    return fmt::format(
        "the guest says that it has {}, and its VM was configured with {} when it was listed",
        format_size(*total), format_size(*vm.configured_kib));
  }
  if (reading.zones && vm.cpus && reading.zones->cpus > *vm.cpus) {
    return fmt::format(
        "the guest says that it has {} CPUs, and its VM was configured with {} when it was listed",
        reading.zones->cpus, *vm.cpus);
  }
  return {};
}

}  // namespace ballast::model
