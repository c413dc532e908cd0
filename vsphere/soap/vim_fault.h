// Explains vim faults: one table from a fault's class name to what the user reads.
#pragma once

#include <string>

#include "base/result.h"

namespace ballast::vsphere {

// A SOAP fault as the server sent it. None of it is safe to show yet. "" where the fault has
// nothing.
struct SoapFault {
  std::string type;       // class name, "InvalidGuestLogin"; "" if it is no vim fault
  std::string text;       // faultstring
  std::string detail;     // faultMessage texts, "vix error codes = (3016, 0)."
  std::string privilege;  // NoPermission
  std::string object;     // NoPermission, ManagedObjectNotFound: "VirtualMachine vm-42"
  std::string subject;    // the property, argument, file or power state that the fault names
};

// Returns the error (kUnavailable) for a server that allows no further session.
[[nodiscard]] Error out_of_sessions();

// Returns what the user reads about a fault. `fault` in it is the class name; the code is kLogin,
// kPermission, kUnavailable (no session left) or kFault.
[[nodiscard]] Error explain(const SoapFault& fault);

}  // namespace ballast::vsphere
