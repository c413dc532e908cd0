// Hot-added memory in /proc/iomem.
#include <charconv>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/consumer_traces.h"

namespace ballast::model {

namespace {

constexpr std::string_view kRam = "System RAM";
constexpr std::uint64_t kMaxAddress = std::uint64_t{1} << 52;  // what x86_64 can address
// Memory is added in whole blocks of at least this; what splits a boot range (setup data, EFI
// tables) is not aligned to them.
constexpr std::uint64_t kBlock = std::uint64_t{128} << 20;
constexpr std::uint64_t kMemmapShare = 64;  // 64 bytes a page of 4 KiB

struct Range {
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

// "100000000-23fffffff : System RAM".
std::optional<Range> parse_range(std::string_view line) {
  const auto start = take_hex(line);
  if (!start || !line.starts_with('-')) return std::nullopt;
  line.remove_prefix(1);
  const auto last = take_hex(line);
  if (!last || *last < *start || !line.starts_with(" : ")) return std::nullopt;
  return *last == 0 ? Range{} : Range{*start, *last + 1};
}

bool is_whole_blocks(const Range& range) {
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
      return fail(ErrorCode::kParse,
                  fmt::format("iomem: cannot understand the line '{}'", printable(line, 80)));
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

}  // namespace ballast::model
