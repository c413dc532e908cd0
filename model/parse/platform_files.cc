#include "model/parse/platform_files.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

std::string bounded(std::string_view text) {
  return std::string(trim(text).substr(0, kMaxPlatformText));
}

// Returns what follows `key` up to the end of its line, where `key` occurs first; "" if it does
// not.
std::string_view rest_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + key.size());
  return trim(rest.substr(0, rest.find('\n')));
}

// Returns the value of a line `NAME="value"`; "" if there is none.
std::string_view shell_value(std::string_view text, std::string_view name) {
  for (const auto line : split_lines(text)) {
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with('=')) continue;
    auto value = trim(line.substr(name.size() + 1));
    if (value.size() >= 2 && value.front() == value.back() &&
        (value.front() == '"' || value.front() == '\'')) {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

// "VMware, Inc. VMware Virtual Platform/440BX Desktop Reference Platform, BIOS 6.00" -> the same up
// to the slash: the board and the BIOS say nothing here.
std::string machine_of(std::string_view text) {
  const auto slash = text.find('/');
  const auto bios = text.find(", BIOS ");
  return bounded(text.substr(0, std::min(slash, bios)));
}

struct Greeting {
  std::string_view text;
  std::string_view driver;
};
constexpr std::array kGreetings = std::to_array<Greeting>({
    {"hv_balloon: Using Dynamic Memory protocol", "hv_balloon"},
    {"registering driver hv_balloon", "hv_balloon"},
    {"xen_balloon: Initialising", "xen_balloon"},
    {"xen:balloon: Initialising", "xen_balloon"},
});

void add_driver(std::string_view name, GuestReading& reading) {
  auto& drivers = reading.other_balloons;
  if (std::find(drivers.begin(), drivers.end(), name) == drivers.end()) drivers.emplace_back(name);
}

}  // namespace

std::string first_line_of(std::string_view text) {
  text = trim(text);
  return bounded(text.substr(0, text.find('\n')));
}

std::string distribution_of(std::string_view os_release) {
  const auto pretty = shell_value(os_release, "PRETTY_NAME");
  if (!pretty.empty()) return bounded(pretty);
  return bounded(
      fmt::format("{} {}", shell_value(os_release, "NAME"), shell_value(os_release, "VERSION")));
}

std::string machine_of_dmidecode(std::string_view text) {
  const auto at = text.find("System Information");
  if (at == std::string_view::npos) return {};
  auto section = text.substr(at);
  section = section.substr(0, section.find("\nHandle "));
  return bounded(fmt::format("{} {}", rest_after(section, "Manufacturer:"),
                             rest_after(section, "Product Name:")));
}

std::string uname_word(std::string_view uname, int index) {
  uname = trim(uname);
  uname = uname.substr(0, uname.find('\n'));
  for (int i = 0; i < index; ++i) next_word(uname);
  return bounded(next_word(uname));
}

std::string architecture_of(std::string_view uname) {
  constexpr std::array<std::string_view, 12> kNames = {"x86_64", "i686",    "i586",    "i486",
                                                       "i386",   "aarch64", "ppc64le", "ppc64",
                                                       "s390x",  "s390",    "armv7l",  "riscv64"};
  uname = trim(uname);
  uname = uname.substr(0, uname.find('\n'));
  next_word(uname);  // "Linux"
  next_word(uname);  // the host may have any name
  for (auto word = next_word(uname); !word.empty(); word = next_word(uname)) {
    if (std::find(kNames.begin(), kNames.end(), word) != kNames.end()) return std::string(word);
  }
  return {};
}

void read_boot_log(std::string_view log, GuestReading& reading) {
  auto& platform = reading.platform;
  if (platform.machine.empty()) platform.machine = machine_of(rest_after(log, "DMI: "));
  if (platform.machine.empty()) platform.machine = machine_of(rest_after(log, "Hardware name: "));
  if (platform.hypervisor.empty()) {
    platform.hypervisor = bounded(rest_after(log, "Hypervisor detected: "));
  }
  if (platform.hypervisor.empty()) {
    const auto booted = rest_after(log, "Booting paravirtualized kernel on ");
    if (booted != "bare hardware") platform.hypervisor = bounded(booted);
  }
  if (reading.kernel_release.empty()) {
    auto version = rest_after(log, "Linux version ");
    reading.kernel_release = bounded(next_word(version));
  }
  for (const auto& greeting : kGreetings) {
    if (log.find(greeting.text) != std::string_view::npos) add_driver(greeting.driver, reading);
  }
}

}  // namespace ballast::model
