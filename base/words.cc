#include "base/words.h"

#include <cstdlib>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/units.h"

namespace ballast {

namespace {

// Tenths of a MiB, rounded half away from zero.
std::int64_t tenths_of_mib(std::int64_t kib) {
  const std::int64_t half = kib < 0 ? -kKibPerMib / 2 : kKibPerMib / 2;
  return (kib * 10 + half) / kKibPerMib;
}

std::string with_tenths(std::int64_t tenths) {
  const std::string_view sign = tenths < 0 ? "-" : "";
  const std::int64_t magnitude = std::abs(tenths);
  return fmt::format("{}{}.{}", sign, grouped(magnitude / 10), magnitude % 10);
}

}  // namespace

std::string grouped(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string mib(std::int64_t kib) { return with_tenths(tenths_of_mib(kib)); }

std::string whole_mib(std::int64_t kib) {
  const std::int64_t half = kib < 0 ? -kKibPerMib / 2 : kKibPerMib / 2;
  return grouped((kib + half) / kKibPerMib);
}

std::string signed_mib(std::int64_t kib) {
  const std::int64_t tenths = tenths_of_mib(kib);
  return (tenths > 0 ? "+" : "") + with_tenths(tenths);
}

std::string or_dash(const std::optional<std::int64_t>& kib, std::string (*format)(std::int64_t)) {
  return kib ? format(*kib) : "-";
}

std::string format_when(UtcTime time) {
  // fmt 9 would print a time point in the local zone.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

std::string format_age(UtcTime time, UtcTime now) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const auto age = now - time;
  if (age < minutes(1)) return "just now";
  if (age < hours(1)) return fmt::format("{} min ago", age / minutes(1));
  if (age < hours(48)) return fmt::format("{} h ago", age / hours(1));
  return fmt::format("{} days ago", grouped(age / hours(24)));
}

}  // namespace ballast
