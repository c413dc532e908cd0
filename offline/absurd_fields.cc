#include "offline/absurd_fields.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::offline {

namespace {

constexpr std::array<std::string_view, 20> kUnneeded = {
    "SwapTotal",     "SwapFree",      "CommitLimit",    "Committed_AS",   "VmallocTotal",
    "VmallocChunk",  "Dirty",         "Writeback",      "Mapped",         "MemAvailable",
    "Mlocked",       "AnonHugePages", "ShmemHugePages", "ShmemPmdMapped", "FileHugePages",
    "FilePmdMapped", "DirectMap4k",   "DirectMap2M",    "DirectMap1G",    "NFS_Unstable"};

// Tells whether the line is "Name: digits kB" with a number that parse_meminfo() refuses.
bool is_absurd(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto name = line.substr(0, colon);
  auto rest = line.substr(colon + 1);
  const auto digits = model::next_word(rest);
  const bool number = !digits.empty() && std::all_of(digits.begin(), digits.end(), model::is_digit);
  return number && !model::parse_counter(digits) &&
         std::find(kUnneeded.begin(), kUnneeded.end(), name) != kUnneeded.end();
}

}  // namespace

std::string without_absurd_fields(std::string_view meminfo, std::vector<std::string>& notes) {
  std::string kept;
  kept.reserve(meminfo.size());
  for (const auto line : split_lines(meminfo)) {
    if (is_absurd(line)) {
      notes.push_back(fmt::format("meminfo: '{}' cannot be, and is not needed: it was left out",
                                  printable(trim(line), 80)));
      continue;
    }
    kept += line;
    kept += '\n';
  }
  return kept;
}

}  // namespace ballast::offline
