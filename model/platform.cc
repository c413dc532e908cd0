#include "model/platform.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"

namespace ballast::model {

namespace {

struct Sign {
  std::string_view text;  // part of what the kernel detected, or of DMI's maker and product
  Hypervisor hypervisor;
};

// The first that is found counts: VMware's own names before those that name a class of machine.
constexpr std::array kSigns = std::to_array<Sign>({
    {"VMware", Hypervisor::kVmware},
    {"Hyper-V", Hypervisor::kHyperV},
    {"HyperV", Hypervisor::kHyperV},
    {"Microsoft Corporation Virtual Machine", Hypervisor::kHyperV},
    {"Xen", Hypervisor::kXen},
    {"KVM", Hypervisor::kKvm},
    {"QEMU", Hypervisor::kKvm},
    {"RHEV", Hypervisor::kKvm},
    {"oVirt", Hypervisor::kKvm},
    {"OpenStack", Hypervisor::kKvm},
    {"Bochs", Hypervisor::kKvm},
    {"Nutanix", Hypervisor::kKvm},
    {"Amazon EC2", Hypervisor::kKvm},
    {"Google", Hypervisor::kKvm},
});

struct Driver {
  std::string_view module;
  Hypervisor hypervisor;
};
constexpr std::string_view kVirtio = "virtio_balloon";
constexpr std::array kDrivers = std::to_array<Driver>({
    {"hv_balloon", Hypervisor::kHyperV},
    {kVirtio, Hypervisor::kKvm},
    {"xen_balloon", Hypervisor::kXen},
});

std::optional<Hypervisor> by_sign(std::string_view text) {
  const auto* found = std::find_if(kSigns.begin(), kSigns.end(), [text](const Sign& sign) {
    return text.find(sign.text) != std::string_view::npos;
  });
  return found == kSigns.end() ? std::nullopt : std::optional(found->hypervisor);
}

const Driver* driver_named(std::string_view module) {
  const auto* found =
      std::find_if(kDrivers.begin(), kDrivers.end(),
                   [module](const Driver& driver) { return driver.module == module; });
  return found == kDrivers.end() ? nullptr : found;
}

// virtio_balloon is KVM's in most guests, but any hypervisor may offer a virtio device.
std::string_view name_of(const Driver& driver, Hypervisor hypervisor) {
  const bool told = hypervisor != Hypervisor::kUnknown && hypervisor != Hypervisor::kOther;
  return to_string(told ? hypervisor : driver.hypervisor);
}

std::int64_t counter(const Vmstat& vmstat, std::string_view name) {
  const auto found = vmstat.find(name);
  return found == vmstat.end() ? 0 : found->second;
}

// Driver and hypervisor of the balloon that is not VMware's; nullptr where there is none.
const Driver* other_driver(const GuestReading& reading) {
  const bool vmware = !reading.balloon.module.empty() || reading.balloon.current_kib ||
                      hypervisor_of(reading) == Hypervisor::kVmware;
  if (vmware || reading.other_balloons.empty()) return nullptr;
  return driver_named(reading.other_balloons.front());
}

bool ends_in_one_of(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

std::optional<std::int64_t> sum_of(const Meminfo& meminfo,
                                   std::initializer_list<std::string_view> names) {
  std::int64_t sum = 0;
  for (const auto name : names) {
    const auto found = meminfo.find(name);
    if (found == meminfo.end()) return std::nullopt;
    sum += found->second;
  }
  return sum;
}

}  // namespace

Hypervisor hypervisor_of(const GuestReading& reading) {
  const auto& platform = reading.platform;
  if (const auto told = by_sign(platform.hypervisor)) return *told;
  if (const auto told = by_sign(platform.machine)) return *told;
  if (!reading.balloon.module.empty()) return Hypervisor::kVmware;
  const auto* driver =
      reading.other_balloons.empty() ? nullptr : driver_named(reading.other_balloons.front());
  // Many hypervisors offer virtio devices: that driver alone tells none of them.
  if (driver != nullptr && driver->module != kVirtio) return driver->hypervisor;
  return platform.machine.empty() ? Hypervisor::kUnknown : Hypervisor::kOther;
}

std::string_view to_string(Hypervisor hypervisor) {
  switch (hypervisor) {
    case Hypervisor::kVmware:
      return "VMware";
    case Hypervisor::kHyperV:
      return "Hyper-V";
    case Hypervisor::kKvm:
      return "KVM";
    case Hypervisor::kXen:
      return "Xen";
    case Hypervisor::kUnknown:
    case Hypervisor::kOther:
      break;
  }
  return "";
}

std::optional<ConsumerTrace> other_balloon_of(const GuestReading& reading) {
  const auto* driver = other_driver(reading);
  if (driver == nullptr) return std::nullopt;
  const auto held =
      counter(reading.vmstat, "balloon_inflate") - counter(reading.vmstat, "balloon_deflate");
  // virtio_balloon feeds the counters wherever they are printed; 0 is an empty balloon.
  const bool fed = driver->module == kVirtio && reading.vmstat.contains("balloon_inflate");
  if (fed && held <= 0) return std::nullopt;
  const auto kib = held > 0 ? std::optional(kib_from_pages(held)) : std::nullopt;
  return ConsumerTrace{
      Consumer::kOtherBalloon, kib,
      fmt::format("{}, {}", driver->module, name_of(*driver, hypervisor_of(reading)))};
}

bool may_have_vmware_driver(const GuestReading& reading) {
  const std::initializer_list<std::string_view> others = {
      "aarch64", "ppc64le", "ppc64", "s390x", "s390", "riscv64", "armv7l", "armv7hl", "-arm64"};
  return !ends_in_one_of(reading.platform.architecture, others) &&
         !ends_in_one_of(reading.kernel_release, others);
}

std::vector<std::string> platform_notes(const GuestReading& reading) {
  std::vector<std::string> notes;
  const auto hypervisor = hypervisor_of(reading);
  const auto name = to_string(hypervisor);
  if (!name.empty() && hypervisor != Hypervisor::kVmware) {
    notes.push_back(fmt::format("this is no VMware guest: its hypervisor is {}", name));
  }
  if (const auto* driver = other_driver(reading)) {
    notes.push_back(fmt::format(
        "its balloon driver is {}: what vCenter or VMware's tools say does not apply to it, and "
        "vmstat's balloon counters, where they are fed, are its own",
        driver->module));
  }
  if (!may_have_vmware_driver(reading)) {
    const auto& told = reading.platform.architecture;
    notes.push_back(
        fmt::format("VMware's balloon driver exists for x86 alone: this guest ({}) "
                    "cannot have it",
                    printable(told.empty() ? reading.kernel_release : told, 64)));
  }
  return notes;
}

// Anonymous pages that were freed wrongly stay on their list and in no process. Counters lag, and
// AnonPages most of all where huge pages were freed: only a difference beyond that is said.
std::optional<std::string> orphaned_pages_note(const Meminfo& meminfo) {
  constexpr std::int64_t kLeast = kib_from_mib(256);
  constexpr std::int64_t kShare = 32;  // of MemTotal
  const auto lists = sum_of(meminfo, {"Active(anon)", "Inactive(anon)", "Unevictable"});
  const auto owned = sum_of(meminfo, {"AnonPages", "Shmem", "SwapCached", "Mlocked"});
  const auto total = sum_of(meminfo, {"MemTotal"});
  if (!lists || !owned || !total) return std::nullopt;
  const auto orphaned = *lists - *owned;
  if (orphaned <= std::max(kLeast, *total / kShare)) return std::nullopt;
  return fmt::format(
      "{} on the lists of anonymous and unevictable pages belong to no process, to no tmpfs and "
      "not to the swap cache: ramfs, secretmem or graphics buffers hold such pages, or they leaked",
      format_size(orphaned));
}

}  // namespace ballast::model
