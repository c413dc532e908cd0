// Vim faults in words: one table from the fault's class name to what the user reads.
#pragma once

#include <string>

#include "base/result.h"

namespace ballast::vsphere {

// A SOAP fault as it came; none of it is safe to show yet. "" is what the fault does not have.
struct SoapFault {
  std::string type;       // class name, "InvalidGuestLogin"; "" if it is no vim fault
  std::string text;       // faultstring
  std::string detail;     // faultMessage texts, "vix error codes = (3016, 0)."
  std::string privilege;  // NoPermission
  std::string object;     // NoPermission, ManagedObjectNotFound: "VirtualMachine vm-42"
  std::string subject;    // the property, argument, file or power state that the fault names
};

// kUnavailable: the server says, in a fault or instead of one, that no further session is possible.
[[nodiscard]] Error out_of_sessions();

// `fault` of the result is the class name, code is kLogin, kPermission, kUnavailable (no
// session left) or kFault.
[[nodiscard]] Error explain(const SoapFault& fault);

}  // namespace ballast::vsphere
