#include "model/parse/consumer_traces.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/kernel_release.h"
#include "model/parse/numbers.h"
#include "model/parse/vmmemctl.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kPipeKib = 64;  // 16 pages by default; F_SETPIPE_SZ changes it
// The largest payload of 1 MiB, a page for the header, and one at each end.
constexpr std::int64_t kNfsdThreadKib = kKibPerMib + 3 * kPageKib;
constexpr std::size_t kMaxPipes = 1 << 20;
constexpr std::size_t kMaxModules = 12;
constexpr std::size_t kMaxModuleName = 64;

// A consumer that holds nothing is no trace.
MaybeTrace trace_of(Consumer consumer, std::int64_t kib, std::string detail = "") {
  if (kib <= 0) return std::nullopt;
  return ConsumerTrace{consumer, kib, std::move(detail)};
}

std::vector<std::string_view> words_in(std::string_view line) {
  std::vector<std::string_view> words;
  for (auto word = next_word(line); !word.empty(); word = next_word(line)) words.push_back(word);
  return words;
}

bool has_module(std::string_view modules, std::string_view wanted) {
  const auto lines = split_lines(modules);
  return std::any_of(lines.begin(), lines.end(),
                     [wanted](std::string_view line) { return next_word(line) == wanted; });
}

// Tells whether `name` is `prefix` and a number: "ram0".
bool is_numbered(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && parse_number(name.substr(prefix.size()));
}

// Adds the value that follows `key`, where the line has it. Returns false if that is no number.
bool add_value(const std::vector<std::string_view>& words, std::string_view key,
               std::int64_t& sum) {
  const auto found = std::find(words.begin(), words.end(), key);
  if (found == words.end()) return true;
  return found + 1 != words.end() && add_number(*(found + 1), sum);
}

}  // namespace

Result<MaybeTrace> trace_sockets(std::string_view sockstat) {
  std::int64_t pages = 0;
  std::int64_t bytes = 0;
  for (const auto line : split_lines(sockstat)) {
    const auto words = words_in(line);
    if (words.empty()) continue;
    const bool good = words[0] == "TCP:" || words[0] == "UDP:" ? add_value(words, "mem", pages)
                      : words[0] == "FRAG:"                    ? add_value(words, "memory", bytes)
                                                               : true;
    if (!good) return bad_line("sockstat", line);
  }
  return trace_of(Consumer::kSockets, kib_from_pages(pages) + kib_from_bytes(bytes));
}

Result<MaybeTrace> trace_xfs_buffers(std::string_view slabinfo) {
  for (const auto line : split_lines(slabinfo)) {
    auto rest = line;
    if (next_word(rest) != "xfs_buf") continue;
    const auto objects = parse_number(next_word(rest));
    if (!objects) return bad_line("slabinfo", line);
    return trace_of(Consumer::kXfsBuffers, kib_from_pages(*objects));
  }
  return MaybeTrace();
}

namespace {

// Reads the value of the line `name type value` of a kstat; empty if there is no such line.
Result<std::optional<std::int64_t>> kstat(std::string_view text, std::string_view name) {
  for (const auto line : split_lines(text)) {
    const auto words = words_in(line);
    if (words.empty() || words[0] != name) continue;
    const auto value = words.size() == 3 ? parse_number(words[2]) : std::nullopt;
    if (!value) return bad_line("zfs", line);
    return value;
  }
  return std::nullopt;
}

}  // namespace

Result<MaybeTrace> trace_zfs_arc(std::string_view kstats) {
  for (const auto* name : {"scatter_data_size", "size"}) {
    const auto bytes = kstat(kstats, name);
    if (!bytes) return fail(bytes.error());
    if (*bytes) return trace_of(Consumer::kZfsArc, kib_from_bytes(**bytes));
  }
  return MaybeTrace();
}

Result<MaybeTrace> trace_ram_disks(std::string_view partitions, std::string_view modules) {
  if (!has_module(modules, "brd")) return MaybeTrace();
  std::int64_t kib = 0;
  for (const auto line : split_lines(partitions)) {
    const auto words = words_in(line);
    if (words.empty() || !is_numbered(words.back(), "ram")) continue;
    if (words.size() != 4 || !add_number(words[2], kib)) return bad_line("partitions", line);
  }
  if (kib == 0) return ConsumerTrace{Consumer::kRamDisks, std::nullopt, ""};
  return trace_of(Consumer::kRamDisks, kib);
}

Result<MaybeTrace> trace_trace_buffers(std::string_view total_size_kb) {
  auto rest = trim(total_size_kb);
  const auto kib = parse_number(next_word(rest));
  if (!kib) return bad_line("buffer_total_size_kb", total_size_kb);
  return trace_of(Consumer::kTraceBuffers, *kib);
}

namespace {

// /proc/iomem

constexpr std::string_view kRam = "System RAM";
constexpr std::uint64_t kMaxAddress = std::uint64_t{1} << 52;  // what x86_64 can address
// Memory is hot-added in whole blocks of at least this size. What splits a range at boot (setup
// data, EFI tables) is not aligned to them.
constexpr std::uint64_t kBlock = std::uint64_t{128} << 20;
constexpr std::uint64_t kMemmapShare = 64;  // 64 bytes a page of 4 KiB

struct AddressRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;  // the first byte behind it; 0 where addresses are hidden
};

std::optional<std::uint64_t> take_hex(std::string_view& text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  if (error != std::errc{} || value > kMaxAddress) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return value;
}

// Reads "100000000-23fffffff : System RAM".
std::optional<AddressRange> parse_range(std::string_view line) {
  const auto start = take_hex(line);
  if (!start || !line.starts_with('-')) return std::nullopt;
  line.remove_prefix(1);
  const auto last = take_hex(line);
  if (!last || *last < *start || !line.starts_with(" : ")) return std::nullopt;
  return *last == 0 ? AddressRange{} : AddressRange{*start, *last + 1};
}

bool is_whole_blocks(const AddressRange& range) {
  return range.start % kBlock == 0 && range.end % kBlock == 0;
}

}  // namespace

Result<MaybeTrace> trace_hot_added_memmap(std::string_view iomem) {
  std::uint64_t added = 0;
  std::uint64_t previous_end = 0;
  for (const auto line : split_lines(iomem)) {
    // An indented line is a piece of the one above.
    if (!line.ends_with(kRam) || line.starts_with(' ')) continue;
    const auto range = parse_range(line);
    if (!range || (range->end != 0 && range->start < previous_end)) {
      return bad_line("iomem", line);
    }
    if (range->end == 0) return MaybeTrace();
    const bool adjacent = previous_end != 0 && range->start == previous_end;
    if (adjacent && is_whole_blocks(*range)) added += range->end - range->start;
    previous_end = range->end;
  }
  if (added == 0) return MaybeTrace();
  const auto added_kib = kib_from_bytes(static_cast<std::int64_t>(added));
  return ConsumerTrace{Consumer::kHotAddedMemmap,
                       added_kib / static_cast<std::int64_t>(kMemmapShare),
                       fmt::format("{} were added", format_size(added_kib))};
}

Result<MaybeTrace> trace_pipes(std::string_view lsof) {
  std::set<std::pair<std::string_view, std::string_view>> pipes;  // device and node
  for (const auto line : split_lines(lsof)) {
    auto rest = line;
    next_word(rest);  // the command may have any name
    auto word = next_word(rest);
    while (!word.empty() && word != "FIFO") word = next_word(rest);
    if (word.empty()) continue;
    const auto device = next_word(rest);
    next_word(rest);  // the offset
    const auto node = next_word(rest);
    // lsof leaves columns out where it was not allowed to look.
    if (parse_number(node)) pipes.emplace(device, node);
    if (pipes.size() > kMaxPipes) return fail(ErrorCode::kParse, "lsof: more pipes than can be");
  }
  const auto count = static_cast<std::int64_t>(pipes.size());
  return trace_of(Consumer::kPipes, count * kPipeKib, fmt::format("{} pipes", count));
}

Result<MaybeTrace> trace_nfsd(std::string_view threads) {
  constexpr std::int64_t kMaxThreads = 1 << 20;
  const auto count = parse_number(trim(threads));
  if (!count || *count > kMaxThreads) return bad_line("nfsd threads", threads);
  return trace_of(Consumer::kNfsd, *count * kNfsdThreadKib, fmt::format("{} threads", *count));
}

Result<MaybeTrace> trace_zram(std::string_view swaps, std::string_view modules) {
  std::int64_t used_kib = 0;
  for (const auto line : split_lines(swaps)) {
    const auto words = words_in(line);
    if (words.empty() || !words[0].starts_with("/dev/zram")) continue;
    if (words.size() != 5 || !add_number(words[3], used_kib)) return bad_line("swaps", line);
  }
  if (used_kib > 0) return trace_of(Consumer::kZram, used_kib);
  if (!has_module(modules, "zram")) return MaybeTrace();
  return ConsumerTrace{Consumer::kZram, std::nullopt, ""};
}

namespace {

// Returns the letters of taint at which a module is from outside the kernel's tree. N is a test
// module on newer kernels of others, U a user's request.
std::string_view foreign_taints(const KernelRelease& kernel) {
  if (kernel.vendor == KernelVendor::kSles) return "OPFNX";
  if (kernel.rhel == 5) return "OPFU";
  return kernel.major == 0 ? "OPFUNX" : "OPF";
}

// Returns what stands in brackets at the end of a line of /proc/modules: "POE"; "" if nothing does.
std::string_view taint_of(std::string_view line) {
  line = trim(line);
  const auto open = line.rfind(" (");
  return line.ends_with(')') && open != std::string_view::npos ? line.substr(open + 2)
                                                               : std::string_view();
}

}  // namespace

Result<MaybeTrace> trace_foreign_modules(std::string_view modules, std::string_view release) {
  const auto taints = foreign_taints(parse_kernel_release(release));
  std::vector<std::string_view> names;
  for (const auto line : split_lines(modules)) {
    if (taint_of(line).find_first_of(taints) == std::string_view::npos) continue;
    auto rest = line;
    if (find_balloon_module(line).empty())
      names.push_back(next_word(rest).substr(0, kMaxModuleName));
  }
  if (names.empty()) return MaybeTrace();
  const auto all = names.size();
  names.resize(std::min(all, kMaxModules));
  std::string detail = fmt::format("{}", fmt::join(names, ", "));
  if (names.size() < all) detail += fmt::format(" and {} more", all - names.size());
  return ConsumerTrace{Consumer::kForeignModules, std::nullopt, std::move(detail)};
}

Result<MaybeTrace> trace_percpu(std::string_view vmallocinfo) {
  std::int64_t bytes = 0;
  for (const auto line : split_lines(vmallocinfo)) {
    if (line.find(" pcpu_get_vm_areas") == std::string_view::npos) continue;
    auto rest = line;
    next_word(rest);  // the addresses
    if (!add_number(next_word(rest), bytes)) return bad_line("vmallocinfo", line);
  }
  return trace_of(Consumer::kPerCpu, kib_from_bytes(bytes));
}

Result<MaybeTrace> trace_percpu_sum(std::string_view bytes) {
  if (trim(bytes).empty()) return MaybeTrace();
  const auto sum = parse_number(trim(bytes));
  if (!sum) return bad_line("sum of per-CPU areas", bytes);
  return trace_of(Consumer::kPerCpu, kib_from_bytes(*sum));
}

std::optional<bool> is_slub(std::string_view slabinfo) {
  std::optional<bool> slub;
  for (const auto line : split_lines(slabinfo)) {
    const auto at = line.find(": tunables ");
    if (at == std::string_view::npos || line.starts_with('#')) continue;
    const auto words = words_in(line.substr(at));
    const bool zeros = words.size() >= 5 && words[2] == "0" && words[3] == "0" && words[4] == "0";
    slub = slub.value_or(true) && zeros;
  }
  return slub;
}

void read_traces(const TraceFiles& files, GuestReading& reading) {
  const auto keep = [&reading](Result<MaybeTrace> trace) {
    if (!trace) {
      reading.notes.push_back(
          fmt::format("a file of the guest could not be understood ({})", trace.error().message));
    } else if (*trace) {
      reading.traces.push_back(std::move(**trace));
    }
  };
  keep(trace_sockets(files.sockstat));
  keep(trace_xfs_buffers(files.slabinfo));
  keep(trace_zfs_arc(files.kstats));
  keep(trace_ram_disks(files.partitions, files.modules));
  if (!trim(files.trace_buffers).empty()) keep(trace_trace_buffers(files.trace_buffers));
  keep(trace_hot_added_memmap(files.iomem));
  keep(trace_pipes(files.lsof));
  if (!trim(files.nfsd_threads).empty()) keep(trace_nfsd(files.nfsd_threads));
  keep(trace_zram(files.swaps, files.modules));
  keep(trace_foreign_modules(files.modules, reading.kernel_release));
  keep(trace_percpu(files.vmallocinfo));
  keep(trace_percpu_sum(files.percpu_sum));
  reading.slub = is_slub(files.slabinfo);
  for (auto& driver : find_other_balloons(files.modules)) {
    reading.other_balloons.push_back(std::move(driver));
  }
}

}  // namespace ballast::model
