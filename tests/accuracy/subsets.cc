#include "tests/accuracy/subsets.h"

#include <array>
#include <bit>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/proc_files.h"
#include "tests/accuracy/accuracy.h"

namespace ballast::test {

namespace {

using model::GuestReading;
using model::Verdict;

struct File {
  const char* name;
  bool (*was_read)(const GuestReading& reading);
  void (*take_away)(GuestReading& reading);
};

constexpr std::array kFiles = std::to_array<File>({
    {"zoneinfo", [](const GuestReading& reading) { return reading.zones.has_value(); },
     [](GuestReading& reading) { reading.zones.reset(); }},
    {"vmstat", [](const GuestReading& reading) { return !reading.vmstat.empty(); },
     [](GuestReading& reading) { reading.vmstat.clear(); }},
    {"vmallocinfo", [](const GuestReading& reading) { return reading.vmalloc_kib.has_value(); },
     [](GuestReading& reading) { reading.vmalloc_kib.reset(); }},
    {"vmmemctl",
     [](const GuestReading& reading) { return reading.balloon.current_kib.has_value(); },
     [](GuestReading& reading) { reading.balloon.current_kib.reset(); }},
    {"loadavg", [](const GuestReading& reading) { return reading.threads.has_value(); },
     [](GuestReading& reading) { reading.threads.reset(); }},
    {"slabinfo and the processes",
     [](const GuestReading& reading) { return reading.mm_structs || reading.processes; },
     [](GuestReading& reading) {
       reading.mm_structs.reset();
       reading.processes.reset();
     }},
    {"possible and boot log",
     [](const GuestReading& reading) { return reading.possible_cpus.has_value(); },
     [](GuestReading& reading) {
       reading.possible_cpus.reset();
       reading.first_chunk_pages.reset();
     }},
    {"osrelease", [](const GuestReading& reading) { return !reading.kernel_release.empty(); },
     [](GuestReading& reading) { reading.kernel_release.clear(); }},
});

// Returns one bit for each of kFiles that was read.
unsigned files_of(const GuestReading& reading) {
  unsigned files = 0;
  for (std::size_t i = 0; i < kFiles.size(); ++i) {
    if (kFiles[i].was_read(reading)) files |= 1U << i;
  }
  return files;
}

void count(const Measured& guest, GuestReading reading, const std::string& without,
           SubsetScore& score) {
  auto account = model::account_memory(reading);
  if (!account) {
    ++score.unknown;
    return;
  }
  const Measured seen{guest.capture, std::move(reading), std::move(*account)};
  const auto verdict = seen.judge().verdict;
  // 300 MiB of vmalloc are far more than what vmallocinfo usually holds, and are not counted without.
  const bool hidden = guest.capture.vmalloc_mib() > 0 && !seen.reading.vmalloc_kib &&
                      seen.account.era != model::KernelEra::kModern;
  if (verdict == guest.expected() || (hidden && verdict == Verdict::kExcess)) {
    ++score.right;
  } else if (verdict == Verdict::kUnknown) {
    ++score.unknown;
  } else {
    score.wrong.push_back(
        fmt::format("{} without {}: {}", guest.capture.name(), without, to_string(verdict)));
  }
}

GuestReading meminfo_alone(const GuestReading& reading) {
  GuestReading alone;
  alone.kernel_release = reading.kernel_release;
  alone.meminfo = reading.meminfo;
  return alone;
}

}  // namespace

std::vector<SubsetScore> score_subsets() {
  std::vector<SubsetScore> scores(kFiles.size() + 1);
  for (unsigned subset = 0; subset < 1U << kFiles.size(); ++subset) {
    auto& score = scores[static_cast<std::size_t>(std::popcount(subset))];
    std::string without;
    for (std::size_t i = 0; i < kFiles.size(); ++i) {
      if ((subset >> i & 1) != 0)
        without += std::string(without.empty() ? "" : ", ") + kFiles[i].name;
    }
    for (const auto& guest : measured()) {
      if ((subset & ~files_of(guest.reading)) != 0) continue;
      auto reading = guest.reading;
      for (std::size_t i = 0; i < kFiles.size(); ++i) {
        if ((subset >> i & 1) != 0) kFiles[i].take_away(reading);
      }
      count(guest, std::move(reading), without, score);
    }
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i].what = i == 0 ? "nothing" : i == 1 ? "1 file" : fmt::format("{} files", i);
  }
  std::erase_if(scores, [](const SubsetScore& score) { return score.all() == 0; });
  return scores;
}

std::vector<SubsetScore> score_cut_meminfo() {
  SubsetScore beside{"the end of meminfo", 0, 0, {}};
  SubsetScore alone{"all but the beginning of meminfo", 0, 0, {}};
  for (const auto& guest : measured()) {
    const auto text = read_text(guest.capture.root / "proc/meminfo");
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 1)) {
      auto cut = model::parse_meminfo(std::string_view(text).substr(0, end + 1));
      if (!cut) continue;
      auto reading = guest.reading;
      reading.meminfo = std::move(*cut);
      const auto lines = fmt::format("what follows byte {} of meminfo", end);
      count(guest, meminfo_alone(reading), lines + ", and all else", alone);
      count(guest, std::move(reading), lines, beside);
    }
  }
  return {beside, alone};
}

std::string subset_table() {
  std::string table =
      "| taken away | verdicts | right | `unknown` | wrong |\n| --- | --- | --- | --- | --- |\n";
  auto scores = score_subsets();
  for (auto& score : score_cut_meminfo()) scores.push_back(std::move(score));
  for (const auto& score : scores) {
    table += fmt::format("| {} | {} | {} | {} | {} |\n", score.what, score.all(), score.right,
                         score.unknown, score.wrong.size());
  }
  return table;
}

}  // namespace ballast::test
