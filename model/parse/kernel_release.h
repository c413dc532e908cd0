// Who built a kernel, and from which version, as far as its release (uname -r) tells.
#pragma once

#include <string_view>

namespace ballast::model {

enum class KernelVendor { kUnknown, kRhel, kUek, kSles, kUbuntu, kDebian, kAmazon };

struct KernelRelease {
  KernelVendor vendor = KernelVendor::kUnknown;
  int rhel = 0;   // 5, 6, … of RHEL, its rebuilds, and the Oracle Linux that UEK runs on; else 0
  int major = 0;  // 0 if the release does not begin with a version
  int minor = 0;
  int build = 0;  // 348 of "4.18.0-348.2.1.el8"; 0 if there is none or it is above 9999

  // Tells whether the upstream version is known and at least this. Backports do not show here.
  [[nodiscard]] bool at_least(int other_major, int other_minor) const;
};

// Reads a release such as "4.18.0-348.2.1.el8_5.x86_64". Never fails: what is not recognised stays
// kUnknown and 0.
[[nodiscard]] KernelRelease parse_kernel_release(std::string_view release);

[[nodiscard]] std::string_view to_string(KernelVendor vendor);  // "RHEL", "Ubuntu", …, "unknown"

}  // namespace ballast::model
