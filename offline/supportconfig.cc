#include "offline/supportconfig.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::offline {

namespace {

constexpr std::array<std::string_view, 5> kFiles = {"memory.txt", "basic-environment.txt",
                                                    "boot.txt", "hardware.txt", "modules.txt"};

struct Command {
  std::string_view name;
  std::string_view path;  // where a sosreport has what it prints
};
constexpr std::array kCommands = std::to_array<Command>({
    {"uname", "sos_commands/kernel/uname_-a"},
    {"date", "sos_commands/date/date"},
    {"uptime", "sos_commands/host/uptime"},
    {"lsmod", "sos_commands/kernel/lsmod"},
    {"dmesg", "sos_commands/kernel/dmesg"},
    {"dmidecode", "sos_commands/hardware/dmidecode"},
    {"hostname", "sos_commands/host/hostname"},
});

bool begins_section(std::string_view line) { return line.starts_with("#==["); }

// Returns where the body of a section belongs, by its heading: "# /bin/cat /proc/meminfo",
// "# /proc/meminfo", "# /bin/uname -a"; "" where it belongs nowhere.
std::string place_of(std::string_view heading) {
  heading = trim(heading);
  if (!heading.starts_with('#')) return {};
  heading.remove_prefix(1);
  auto rest = heading;
  auto word = model::next_word(rest);
  const auto name = word.substr(word.rfind('/') + 1);
  const bool file = name == "cat" || (word.starts_with('/') && trim(rest).empty());
  if (name == "cat") word = model::next_word(rest);
  if (file && word.starts_with('/') && is_wanted(word.substr(1)))
    return std::string(word.substr(1));
  const auto* command = std::find_if(kCommands.begin(), kCommands.end(),
                                     [name](const Command& one) { return one.name == name; });
  return command == kCommands.end() ? std::string() : std::string(command->path);
}

// Returns what the "System" section says of the machine, in the form of dmidecode.
std::string machine_of(std::string_view text) {
  std::string maker;
  std::string product;
  for (const auto line : split_lines(text)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto key = trim(line.substr(0, colon));
    if (key == "Manufacturer" && maker.empty()) maker = trim(line.substr(colon + 1));
    if (key == "Hardware" && product.empty()) product = trim(line.substr(colon + 1));
  }
  if (maker.empty()) return {};
  return fmt::format("System Information\nManufacturer: {}\nProduct Name: {}\n", maker, product);
}

// Cuts a file into its sections. Of several for one place the first counts.
void take_sections(std::string_view text, GuestFiles& guest) {
  std::string place;
  std::string body;
  bool heading = false;
  const auto finish = [&] {
    if (!place.empty() && !trim(body).empty()) guest.files.emplace(place, std::move(body));
    place.clear();
    body.clear();
  };
  for (const auto line : split_lines(text)) {
    if (begins_section(line)) {
      finish();
      heading = true;
    } else if (heading) {
      place = place_of(line);
      heading = false;
    } else if (!place.empty()) {
      body.append(line).append("\n");
    }
  }
  finish();
}

}  // namespace

void expand_supportconfig(GuestFiles& guest) {
  if (!guest.files.contains("memory.txt") || guest.files.contains("proc/meminfo")) return;
  for (const auto name : kFiles) {
    const auto found = guest.files.find(name);
    if (found == guest.files.end()) continue;
    const auto text = std::move(found->second);
    guest.files.erase(found);
    take_sections(text, guest);
    if (auto machine = machine_of(text); !machine.empty()) {
      guest.files.emplace("sos_commands/hardware/dmidecode", std::move(machine));
    }
  }
}

}  // namespace ballast::offline
