#include "vsphere/property_values.h"

#include <charconv>

#include "base/units.h"

namespace ballast::vsphere {

std::string text_in(const PropertyValue& value) {
  const auto* held = std::get_if<std::string>(&value);
  return held == nullptr ? std::string() : *held;
}

std::string place_name_in(const PropertyValue& value) {
  const auto* held = std::get_if<std::string>(&value);
  return held == nullptr ? std::string() : held->substr(0, kMaxPlaceNameBytes);
}

std::string object_id_in(const PropertyValue& value) {
  const auto* held = std::get_if<ManagedObject>(&value);
  return held == nullptr ? std::string() : held->id;
}

std::optional<std::int64_t> figure_in(const PropertyValue& value) {
  const auto* digits = std::get_if<std::string>(&value);
  if (digits == nullptr) return std::nullopt;
  const char* const end = digits->data() + digits->size();
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(digits->data(), end, number);
  const bool is_sane =
      error == std::errc() && stop == end && number >= 0 && number <= (std::int64_t{1} << 50);
  return is_sane ? std::optional(number) : std::nullopt;
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
