#include "model/era.h"

namespace ballast::model {

namespace {

KernelEra era_of_rhel(int rhel) {
  if (rhel <= 5) return KernelEra::kEl5;
  if (rhel == 6) return KernelEra::kEl6;
  if (rhel == 7) return KernelEra::kEl7;
  return rhel == 8 ? KernelEra::kEl8 : KernelEra::kModern;
}

KernelEra era_of_release(const KernelRelease& release, KernelEra if_unknown) {
  // UEK names an Oracle Linux but is a kernel of its own.
  if (release.vendor == KernelVendor::kRhel) return era_of_rhel(release.rhel);
  if (release.major == 0) return if_unknown;
  if (release.at_least(5, 3)) return KernelEra::kModern;
  if (release.at_least(4, 4)) return KernelEra::kEl8;
  if (release.at_least(3, 10)) return KernelEra::kEl7;
  // 2.6.28 split the LRU lists; "2.6" alone does not tell, so the fields have the word.
  return release.at_least(3, 0) ? KernelEra::kEl6 : if_unknown;
}

// VmallocUsed was the size of address ranges: a kernel up to 4.3.
KernelEra oldest_eras(const Meminfo& meminfo, const KernelRelease& release) {
  if (!meminfo.contains("Active(anon)")) return KernelEra::kEl5;
  const auto by_fields = meminfo.contains("MemAvailable") ? KernelEra::kEl7 : KernelEra::kEl6;
  // RHEL 6 can be told to print MemAvailable, and 3.10 to 3.13 have none of their own.
  const auto by_release = era_of_release(release, by_fields);
  return by_release == KernelEra::kEl6 || by_release == KernelEra::kEl7 ? by_release : by_fields;
}

}  // namespace

KernelEra choose_era(const Meminfo& meminfo, const KernelRelease& release) {
  const auto vmalloc = meminfo.find("VmallocUsed");
  const bool newer = meminfo.contains("KReclaimable");
  if (vmalloc == meminfo.end()) {
    return era_of_release(release, newer ? KernelEra::kModern : oldest_eras(meminfo, release));
  }
  if (vmalloc->second == 0) return KernelEra::kEl8;  // hard-wired in 4.4 to 5.2
  return newer ? KernelEra::kModern : oldest_eras(meminfo, release);
}

bool stacks_in_vmalloc(KernelEra era, const KernelRelease& release, std::int64_t vmalloc_kib,
                       std::int64_t stacks_kib) {
  if (era != KernelEra::kModern && era != KernelEra::kEl8) return false;
  // Stacks moved to vmalloc in 4.9, by an option that x86_64 has on by default. Where they are more
  // than all of vmalloc they cannot be in it.
  const bool before_4_9 = release.major > 0 && !release.at_least(4, 9);
  return !before_4_9 && vmalloc_kib >= stacks_kib;
}

}  // namespace ballast::model
