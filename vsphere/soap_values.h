// Single values of gSOAP's classes as plain ones. For soap_*.cc only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vim25H.h"
#include "vsphere/soap_types.h"

namespace ballast::vsphere {

// "" for null.
[[nodiscard]] std::string text_of(const char* text);
// nullopt for what is not wholly a number of 64 bits, blanks around it aside; the second also for
// null.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> integer_of(const char* text);
// A number from 0 to 2^50, which is more than any machine has, in KB or MB: keeps a later change of
// units from overflowing.
[[nodiscard]] std::optional<std::int64_t> figure_of(std::string_view text);
// "true", "1", "false", "0"; nullopt for anything else.
[[nodiscard]] std::optional<bool> boolean_of(const char* text);
// Both parts empty for null.
[[nodiscard]] ManagedObject object_of(const vim25__ManagedObjectReference* object);

}  // namespace ballast::vsphere
