#include "model/parse/small_files.h"

#include <cstdint>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

// Above what a kernel allows (pid_max is at most 2^22); a larger figure is damage.
constexpr std::int64_t kMostThreads = 1 << 26;
constexpr std::int64_t kMostFirstChunkPages = 4096;

}  // namespace

Result<std::int64_t> parse_single(std::string_view text, std::int64_t limit) {
  const auto number = parse_number(trim(text));
  if (!number || *number > limit) return fail(ErrorCode::kParse, "not a number in range");
  return *number;
}

Result<std::int64_t> parse_uptime(std::string_view text) {
  return parse_single(text.substr(0, text.find('.')), kMaxNumber);
}

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;

// Reads "2:01", "12 min" or "45 secs" as seconds; empty for anything else.
std::optional<std::int64_t> time_up(std::string_view word, std::string_view unit) {
  const auto colon = word.find(':');
  if (colon != std::string_view::npos) {
    const auto hours = parse_number(word.substr(0, colon));
    const auto minutes = parse_number(word.substr(colon + 1));
    if (!hours || !minutes || *hours > 24 || *minutes > 59) return std::nullopt;
    return *hours * kHour + *minutes * kMinute;
  }
  const auto number = parse_number(word);
  if (!number || *number > 60) return std::nullopt;
  if (unit.starts_with("min")) return *number * kMinute;
  return unit.starts_with("sec") ? number : std::nullopt;
}

}  // namespace

// Between "up" and the users stand days, and either hours and minutes or minutes alone.
Result<std::int64_t> parse_uptime_command(std::string_view text) {
  constexpr std::int64_t kMostDays = 100'000;
  const auto up = text.find(" up ");
  auto rest = text.substr(up == std::string_view::npos ? text.size() : up + 4);
  std::int64_t days = 0;
  auto word = next_word(rest);
  auto unit = next_word(rest);
  if (unit.starts_with("day")) {
    const auto number = parse_number(word);
    if (!number || *number > kMostDays) return fail(ErrorCode::kParse, "not what uptime prints");
    days = *number;
    word = next_word(rest);
    unit = next_word(rest);
  }
  if (word.ends_with(',')) word.remove_suffix(1);
  const auto time = time_up(word, unit);
  if (!time) return fail(ErrorCode::kParse, "not what uptime prints");
  return days * 24 * kHour + *time;
}

Result<std::int64_t> parse_threads(std::string_view text) {
  for (int average = 0; average < 3; ++average) next_word(text);
  const auto tasks = next_word(text);
  const auto slash = tasks.find('/');
  if (slash == std::string_view::npos) return fail(ErrorCode::kParse, "no count of threads");
  return parse_single(tasks.substr(slash + 1), kMostThreads);
}

// mm_stat is original size, compressed size, memory used, …; mem_used_total is one number.
Result<std::int64_t> parse_mm_structs(std::string_view slabinfo) {
  for (const auto line : split_lines(slabinfo)) {
    auto rest = line;
    if (next_word(rest) != "mm_struct") continue;
    const auto objects = parse_number(next_word(rest));
    if (!objects) return bad_line("slabinfo", line);
    return *objects;
  }
  return fail(ErrorCode::kParse, "slabinfo: it has no mm_struct");
}

Result<std::int64_t> parse_zram_device(std::string_view text) {
  text = trim(text);
  const auto original = next_word(text);
  next_word(text);
  const auto used = next_word(text);
  return parse_single(used.empty() ? original : used, kMaxNumber);
}

std::optional<std::int64_t> find_first_chunk_pages(std::string_view boot_log) {
  // Without its first letter: "percpu" or "Percpu".
  constexpr std::string_view kBefore = "ercpu: Embedded ";
  constexpr std::string_view kBeforeOld = "PERCPU: Embedded ";
  auto at = boot_log.find(kBefore);
  auto length = kBefore.size();
  if (at == std::string_view::npos) {
    at = boot_log.find(kBeforeOld);
    length = kBeforeOld.size();
  }
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = boot_log.substr(at + length, 64);
  const auto pages = parse_number(next_word(rest));
  const bool of_this = next_word(rest).starts_with("pages/cpu");
  if (!pages || !of_this || *pages == 0 || *pages > kMostFirstChunkPages) return std::nullopt;
  return pages;
}

std::optional<int> find_possible_cpus(std::string_view boot_log) {
  for (const std::string_view before : {"nr_cpu_ids:", ": Allowing "}) {
    const auto at = boot_log.find(before);
    if (at == std::string_view::npos) continue;
    auto rest = boot_log.substr(at + before.size(), 32);
    const auto cpus = parse_number(next_word(rest));
    const bool of_cpus = before.starts_with("nr_") || next_word(rest).starts_with("CPUs");
    if (cpus && of_cpus && *cpus > 0 && *cpus < kMaxCpus) return static_cast<int>(*cpus);
  }
  return std::nullopt;
}

Result<int> count_cpus(std::string_view list) {
  std::int64_t count = 0;
  std::int64_t next = 0;  // the lowest id that may follow
  auto rest = trim(list);
  do {
    const auto comma = rest.find(',');
    const auto range = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    const auto dash = range.find('-');
    const auto first = parse_number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(range.substr(dash + 1));
    if (!first || !last || *first < next || *last < *first || *last >= kMaxCpus) {
      return fail(ErrorCode::kParse, "list of CPUs: not what a kernel prints");
    }
    count += *last - *first + 1;
    next = *last + 1;
    if (comma != std::string_view::npos && rest.empty()) {
      return fail(ErrorCode::kParse, "list of CPUs: it ends in a comma");
    }
  } while (!rest.empty());
  return static_cast<int>(count);
}

}  // namespace ballast::model
