// What govc's users already have: its URLs, variables and known hosts. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace ballast::cli {

// A vCenter as govc's users write it, taken apart.
struct VcenterAddress {
  std::string url;        // with its scheme, without a user
  std::string authority;  // "vcenter.example.com", "[::1]:8443": what the user calls it
  std::string known_as;   // "vcenter.example.com:443": in a file of known hosts
  std::string username;   // "" if there is none in it
  std::optional<Secret> password;
};

// Reads "vcenter.example.com", "vc:8443", "https://user:password@vc/sdk". https is the scheme where
// none is written; user and password may be percent-encoded. Errors: kInvalidArgument; they never
// show what may be a password.
[[nodiscard]] Result<VcenterAddress> parse_vcenter_address(std::string_view text);

// Returns the thumbprint that the lines of a known hosts file, "host:port thumbprint", have for
// `known_as`; "" if there is none. Lines without a port mean 443, and case is ignored; other lines
// are left out, and the last one counts, as with govc.
[[nodiscard]] std::string known_thumbprint(std::string_view lines, std::string_view known_as);

// Returns whether govc takes the value of a variable such as GOVC_INSECURE for true.
[[nodiscard]] bool is_true_for_govc(std::string_view value);

}  // namespace ballast::cli
