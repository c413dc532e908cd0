// The balloon driver's status file, and its line in /proc/modules.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/units.h"
#include "model/parse/numbers.h"
#include "model/parse/vmmemctl.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

constexpr std::array<std::string_view, 4> kModules = {"vmw_balloon", "vmware_balloon", "vmmemctl",
                                                      "vmware_vmmemctl"};

// As the driver of 5.x prints it.
std::string print(const model::BalloonDriver& driver) {
  std::string text;
  const auto line = [&text](std::string_view name, std::int64_t kib) {
    text += fmt::format("{:<22}: {:>16}\n", name, kib / kPageKib);
  };
  if (driver.target_kib) line("target", *driver.target_kib);
  if (driver.current_kib) line("current", *driver.current_kib);
  text += fmt::format("{:<22}: {:>16}\n", "is resetting", driver.resetting ? "y" : "n");
  return text;
}

void check_pages(std::int64_t kib) {
  require(kib >= 0 && kib <= kib_from_pages(model::kMaxNumber), "a figure is in range");
  require(kib % kPageKib == 0, "a figure is in whole pages");
}

void check_status(std::string_view text) {
  const auto driver = model::parse_vmmemctl_status(text);
  if (!driver) return require_presentable(driver.error());
  require(driver->current_kib.has_value(), "a status without 'current' is refused");
  check_pages(*driver->current_kib);
  if (driver->target_kib) check_pages(*driver->target_kib);
  require(driver->module.empty(), "the status names no module");
  const auto again = model::parse_vmmemctl_status(print(*driver));
  require(again && print(*again) == print(*driver), "what is printed is read back the same");
  const auto calls = model::parse_vmmemctl_status(std::string(text) + "\ntarget : 20 (0 failed)\n");
  require(calls.has_value() == driver->target_kib.has_value(), "only the first target is a size");
  require(!calls || print(*calls) == print(*driver), "the second target changes nothing");
}

bool is_driver(std::string_view module) {
  return std::find(kModules.begin(), kModules.end(), module) != kModules.end();
}

void check_modules(std::string_view text) {
  const auto module = model::find_balloon_module(text);
  require(module.empty() || is_driver(module), "a module is none or a balloon driver");
  require(text.find(module) != std::string_view::npos, "a module is in the list");
  const auto more = std::string(text) + "\nvmw_balloon 24576 0 - Live 0x0000000000000000\n";
  const auto expected = module.empty() ? "vmw_balloon" : module;
  require(model::find_balloon_module(more) == expected, "the first driver of the list is named");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = ballast::fuzz::text_of(data, size);
  ballast::fuzz::check_status(text);
  ballast::fuzz::check_modules(text);
  return 0;
}
