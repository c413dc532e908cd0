#include "vsphere/service_versions.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace ballast::vsphere {

namespace {

// The newest release whose API the project was written against.
constexpr std::string_view kNewestKnown = "8.0.3.0";
constexpr const char* kFallback = "5.0";
constexpr std::size_t kMaxLength = 32;

using Numbers = std::vector<int>;

// "8.0.2.0" -> {8, 0, 2}: zeros at the end do not count. nullopt for anything else, as "2.5u2".
std::optional<Numbers> numbers_of(std::string_view version) {
  if (version.empty() || version.size() > kMaxLength) return std::nullopt;
  Numbers out;
  const char* at = version.data();
  const char* const end = at + version.size();
  while (true) {
    const auto [stop, error] = std::from_chars(at, end, out.emplace_back());
    if (error != std::errc() || out.back() < 0) return std::nullopt;
    if (stop == end) break;
    if (*stop != '.') return std::nullopt;
    at = stop + 1;
  }
  while (!out.empty() && out.back() == 0) out.pop_back();
  return out;
}

}  // namespace

std::string choose_version(const std::vector<std::string>& offered) {
  const Numbers limit = *numbers_of(kNewestKnown);
  std::pair<Numbers, std::string> newest_known;
  std::pair<Numbers, std::string> oldest;
  for (const auto& version : offered) {
    auto numbers = numbers_of(version);
    if (!numbers) continue;
    if (oldest.second.empty() || *numbers < oldest.first) oldest = {*numbers, version};
    if (*numbers <= limit && (newest_known.second.empty() || *numbers > newest_known.first)) {
      newest_known = {std::move(*numbers), version};
    }
  }
  if (!newest_known.second.empty()) return newest_known.second;
  return oldest.second.empty() ? kFallback : oldest.second;
}

}  // namespace ballast::vsphere
