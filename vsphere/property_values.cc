#include "vsphere/property_values.h"

#include "base/units.h"
#include "vsphere/soap_values.h"

namespace ballast::vsphere {

std::string_view text_in(const PropertyValue& value) {
  const auto* held = std::get_if<std::string_view>(&value);
  return held == nullptr ? std::string_view() : *held;
}

std::string_view place_name_in(const PropertyValue& value) {
  return text_in(value).substr(0, kMaxPlaceNameBytes);
}

std::string_view object_id_in(const PropertyValue& value) {
  const auto* held = std::get_if<ManagedObject>(&value);
  return held == nullptr ? std::string_view() : std::string_view(held->id);
}

std::optional<std::int64_t> figure_in(const PropertyValue& value) {
  return figure_of(text_in(value));
}

const PropertyValue& value_of(const ObjectProperties& object, std::string_view name) {
  static const PropertyValue kUnset;
  for (const auto& property : object.properties) {
    if (property.name == name) return property.value;
  }
  return kUnset;
}

model::MemoryAllocation allocation_in(const PropertyValue& value) {
  model::MemoryAllocation out;
  const auto* held = std::get_if<AllocationFigures>(&value);
  if (held == nullptr) return out;
  if (held->reservation_mb) out.reservation_kib = kib_from_mib(*held->reservation_mb);
  if (held->limit_mb) {
    out.limit_kib = *held->limit_mb == -1 ? model::kUnlimited : kib_from_mib(*held->limit_mb);
  }
  return out;
}

}  // namespace ballast::vsphere
