#include "vsphere/property_values.h"

#include <charconv>

namespace ballast::vsphere {

std::string text_in(const PropertyValue& value) {
  const auto* held = std::get_if<std::string>(&value);
  return held == nullptr ? std::string() : *held;
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

}  // namespace ballast::vsphere
