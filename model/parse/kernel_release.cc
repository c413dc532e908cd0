#include "model/parse/kernel_release.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxRelease = 64;  // the kernel's own limit: __NEW_UTS_LEN

// Takes a number of at most four digits off the front; returns -1 if there is none.
int take_number(std::string_view& text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  int value = -1;
  if (digits > 0 && digits <= 4) std::from_chars(text.data(), text.data() + digits, value);
  if (value >= 0) text.remove_prefix(digits);
  return value;
}

bool ends_in_one_of(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

// Returns the N of ".elN" from 5 on, 0 if there is none.
int rhel_of(std::string_view release) {
  const auto at = release.find(".el");
  if (at == std::string_view::npos) return 0;
  auto rest = release.substr(at + 3);
  const int rhel = take_number(rest);
  return rhel >= 5 && rhel <= 99 ? rhel : 0;
}

// Returns the number after the first dash, 0 if there is none.
int build_of(std::string_view release) {
  const auto dash = release.find('-');
  if (dash == std::string_view::npos) return 0;
  auto rest = release.substr(dash + 1);
  return std::max(take_number(rest), 0);
}

// Ubuntu ends its releases in a flavour, "5.15.0-91-generic", Debian in an architecture.
bool is_ubuntu(std::string_view release) {
  return ends_in_one_of(release, {"-generic", "-lowlatency", "-virtual", "-server", "-kvm", "-aws",
                                  "-azure", "-gcp", "-oem", "-oracle", "-ibm"});
}

bool is_debian(std::string_view release) {
  return release.find("+deb") != std::string_view::npos ||
         ends_in_one_of(release, {"-amd64", "-arm64", "-686", "-686-pae"});
}

bool is_sles(std::string_view release) {
  return ends_in_one_of(release, {"-default", "-default-base", "-pae", "-vmi", "-trace"});
}

KernelVendor vendor_of(std::string_view release, int rhel) {
  if (release.find("uek") != std::string_view::npos) return KernelVendor::kUek;
  if (rhel > 0) return KernelVendor::kRhel;
  if (release.find(".amzn") != std::string_view::npos) return KernelVendor::kAmazon;
  if (is_ubuntu(release)) return KernelVendor::kUbuntu;
  if (is_debian(release)) return KernelVendor::kDebian;
  if (is_sles(release)) return KernelVendor::kSles;
  return KernelVendor::kUnknown;
}

}  // namespace

bool KernelRelease::at_least(int other_major, int other_minor) const {
  return major > other_major || (major == other_major && minor >= other_minor);
}

KernelRelease parse_kernel_release(std::string_view release) {
  release = trim(release).substr(0, kMaxRelease);
  KernelRelease parsed;
  auto rest = release;
  const int major = take_number(rest);
  if (major >= 0 && rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    parsed.major = major;
    parsed.minor = std::max(take_number(rest), 0);
  }
  parsed.build = build_of(release);
  parsed.rhel = rhel_of(release);
  parsed.vendor = vendor_of(release, parsed.rhel);
  return parsed;
}

std::string_view to_string(KernelVendor vendor) {
  switch (vendor) {
    case KernelVendor::kRhel:
      return "RHEL";
    case KernelVendor::kUek:
      return "Oracle UEK";
    case KernelVendor::kSles:
      return "SLES";
    case KernelVendor::kUbuntu:
      return "Ubuntu";
    case KernelVendor::kDebian:
      return "Debian";
    case KernelVendor::kAmazon:
      return "Amazon Linux";
    case KernelVendor::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace ballast::model
