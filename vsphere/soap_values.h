// Single values of gSOAP's classes as plain ones. For soap_*.cc only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vim25H.h"
#include "vsphere/soap_types.h"

namespace ballast::vsphere {

// "" for null.
[[nodiscard]] std::string text_of(const char* text);
// nullopt for null and for what is not wholly a number of 64 bits.
[[nodiscard]] std::optional<std::int64_t> integer_of(const char* text);
// "true", "1", "false", "0"; nullopt for anything else.
[[nodiscard]] std::optional<bool> boolean_of(const char* text);
// Both parts empty for null.
[[nodiscard]] ManagedObject object_of(const vim25__ManagedObjectReference* object);
// monostate for null and for types that ballast does not know.
[[nodiscard]] PropertyValue value_of(const xsd__anyType* value);
// An empty, last page for null.
[[nodiscard]] PropertyPage page_of(const vim25__RetrieveResult* result);

}  // namespace ballast::vsphere
