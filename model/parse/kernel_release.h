// Who built a kernel, and from which version: read from its release (uname -r).
#pragma once

#include <string_view>

namespace ballast::model {

enum class KernelVendor { kUnknown, kRhel, kUek, kSles, kUbuntu, kDebian, kAmazon };

struct KernelRelease {
  KernelVendor vendor = KernelVendor::kUnknown;
  int rhel = 0;   // 5, 6, … for RHEL and its rebuilds (and for UEK: the Oracle Linux), else 0
  int major = 0;  // 0 if the release does not begin with a version
  int minor = 0;
  int build = 0;  // 348 of "4.18.0-348.2.1.el8"; 0 if there is none or it is above 9999

  // Whether the upstream version is known and at least this. A vendor's backports do not show here.
  [[nodiscard]] bool at_least(int other_major, int other_minor) const;
};

// Never fails: what is not recognised stays kUnknown and 0.
[[nodiscard]] KernelRelease parse_kernel_release(std::string_view release);

[[nodiscard]] std::string_view to_string(KernelVendor vendor);  // "RHEL", "Ubuntu", …, "unknown"

}  // namespace ballast::model
