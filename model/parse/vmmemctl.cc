#include "model/parse/vmmemctl.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::array<std::string_view, 4> kModules = {"vmw_balloon", "vmware_balloon", "vmmemctl",
                                                      "vmware_vmmemctl"};

constexpr std::array<std::string_view, 3> kOtherBalloons = {"hv_balloon", "virtio_balloon",
                                                            "xen_balloon"};

// Reads `131072` or `131072 pages`, as KiB.
std::optional<std::int64_t> parse_pages(std::string_view value) {
  const auto pages = parse_number(next_word(value));
  const auto unit = trim(value);
  if (!pages || (!unit.empty() && unit != "pages")) return std::nullopt;
  return kib_from_pages(*pages);
}

// Keeps the figure of the first line of its name: in the 5.x form a second `target` counts calls.
// Returns false if it is no figure.
bool keep_first(std::string_view value, std::optional<std::int64_t>& kib) {
  if (kib) return true;
  kib = parse_pages(value);
  return kib.has_value();
}

}  // namespace

Result<BalloonDriver> parse_vmmemctl_status(std::string_view text) {
  BalloonDriver driver;
  for (const auto line : split_lines(text)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto key = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    bool understood = true;
    if (key == "target") understood = keep_first(value, driver.target_kib);
    if (key == "current") understood = keep_first(value, driver.current_kib);
    if (key == "is resetting") driver.resetting = driver.resetting || value == "y";
    if (!understood) return bad_line("vmmemctl", line);
  }
  if (!driver.current_kib) {
    return fail(ErrorCode::kParse, "vmmemctl: the status file has no line 'current'");
  }
  return driver;
}

std::string find_balloon_module(std::string_view modules) {
  for (auto line : split_lines(modules)) {
    const auto name = next_word(line);
    if (std::find(kModules.begin(), kModules.end(), name) != kModules.end()) {
      return std::string(name);
    }
  }
  return {};
}

std::vector<std::string> find_other_balloons(std::string_view modules) {
  std::vector<std::string> found;
  for (auto line : split_lines(modules)) {
    const auto name = next_word(line);
    const bool one =
        std::find(kOtherBalloons.begin(), kOtherBalloons.end(), name) != kOtherBalloons.end();
    if (one && std::find(found.begin(), found.end(), name) == found.end()) {
      found.emplace_back(name);
    }
  }
  return found;
}

}  // namespace ballast::model
