#include "vsphere/soap_values.h"

#include <charconv>

#include "base/text.h"

namespace ballast::vsphere {

namespace {

constexpr std::int64_t kLargestFigure = std::int64_t{1} << 50;

}  // namespace

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::string_view digits = trim(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer_of(const char* text) {
  return text == nullptr ? std::nullopt : integer_of(std::string_view(text));
}

std::optional<std::int64_t> figure_of(std::string_view text) {
  const auto value = integer_of(text);
  return value && *value >= 0 && *value <= kLargestFigure ? value : std::nullopt;
}

std::optional<bool> boolean_of(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view word = trim(text);
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  return std::nullopt;
}

ManagedObject object_of(const vim25__ManagedObjectReference* object) {
  if (object == nullptr) return {};
  return {text_of(object->type), text_of(object->__item)};
}

}  // namespace ballast::vsphere
