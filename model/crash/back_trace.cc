#include "model/crash/back_trace.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/crash/lines.h"
#include "model/crash/text.h"
#include "model/parse/kernel_release.h"
#include "model/parse/numbers.h"
#include "model/parse/vmmemctl.h"

namespace ballast::model {

namespace {

constexpr std::string_view kDriverThread = "vmmemctl";

constexpr std::size_t kMaxTraces = 4096;
constexpr std::size_t kMaxFrames = 256;
constexpr std::size_t kMaxSymbol = 128;
constexpr std::size_t kMaxCommand = 64;
constexpr std::string_view kCommand = "COMMAND:";
constexpr std::array<std::string_view, 5> kAllocators = {
    "__alloc_pages", "alloc_page", "get_page_from_freelist", "__alloc_frozen_pages",
    "alloc_frozen_pages"};
constexpr std::array<std::string_view, 5> kReclaimers = {
    "try_to_free_pages", "do_try_to_free_pages", "shrink_zone", "shrink_node", "shrink_lruvec"};

bool starts_with_any(std::string_view name, const auto& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [name](std::string_view beginning) { return name.starts_with(beginning); });
}

bool is_allocator(const StackFrame& frame) { return starts_with_any(frame.function, kAllocators); }

bool is_reclaimer(const StackFrame& frame) {
  if (starts_with_any(frame.function, kReclaimers)) return true;
  return frame.function.starts_with("shrink_") && frame.function.find("list") != std::string::npos;
}

bool is_driver(const StackFrame& frame) { return !find_balloon_module(frame.module).empty(); }

// The frames that the driver's outermost function called; none if there is no such function. The
// driver's own thread runs nothing else, so there no module need be named.
auto called_by_driver(const BackTrace& trace) {
  const auto& frames = trace.frames;
  const auto driver = std::find_if(frames.rbegin(), frames.rend(), is_driver);
  const auto none = trace.command == kDriverThread ? frames.end() : frames.begin();
  return std::pair{frames.begin(), driver == frames.rend() ? none : driver.base() - 1};
}

bool is_name_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '-' || c == '$';
}

bool is_name(std::string_view word) {
  return !word.empty() && word.size() <= kMaxSymbol && !is_digit(word.front()) &&
         std::all_of(word.begin(), word.end(), is_name_character);
}

bool is_hexadecimal(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789abcdefx") == std::string_view::npos;
}

// Takes "[…]" off the front and returns what is inside; "" if there is none.
std::string_view take_bracketed(std::string_view& text) {
  text = trim(text);
  const auto end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return {};
  const auto inside = trim(text.substr(1, end - 1));
  text = trim(text.substr(end + 1));
  return inside;
}

// Takes "#12" off the front; empty if the line has none.
std::optional<std::int64_t> take_level(std::string_view& line) {
  auto rest = trim(line);
  if (!rest.starts_with('#')) return std::nullopt;
  const auto level = parse_number(next_word(rest).substr(1));
  if (level) line = rest;
  return level;
}

// The module at the end of a frame's line: "… [vmmemctl]".
std::string_view module_at_end(std::string_view line) {
  line = trim(line);
  const auto start = line.rfind('[');
  if (!line.ends_with(']') || start == std::string_view::npos) return {};
  const auto name = line.substr(start + 1, line.size() - start - 2);
  return is_name(name) ? name : std::string_view();
}

// A frame without its number. `loose` if nothing before it said that it is one.
std::optional<StackFrame> parse_frame(std::string_view text, bool loose) {
  const bool stack_shown = !take_bracketed(text).empty();
  auto rest = text;
  const auto word = next_word(rest);
  const auto name = word.substr(0, word.find('+'));
  const auto module = module_at_end(rest);
  auto after = rest;
  const bool placed = next_word(after) == "at" && is_hexadecimal(next_word(after));
  const bool offset = word.size() > name.size();
  const bool ends = trim(rest).empty();
  // A word of its own between frames is a function only if it looks like one.
  const bool alone = ends && (!loose || name.find('_') != std::string_view::npos);
  const bool shown = (offset || stack_shown || alone) && ends;
  if (!is_name(name) || !(placed || shown || !module.empty())) return std::nullopt;
  return StackFrame{std::string(name), std::string(module)};
}

std::optional<BackTrace> parse_header(std::string_view line) {
  auto rest = trim(line);
  const auto at = rest.find(kCommand);
  if (!rest.starts_with("PID:") || at == std::string_view::npos) return std::nullopt;
  BackTrace trace;
  auto command = trim(rest.substr(at + kCommand.size()));
  if (command.starts_with('"')) command.remove_prefix(1);
  if (command.ends_with('"')) command.remove_suffix(1);
  trace.command = command.substr(0, kMaxCommand);
  next_word(rest);
  trace.pid = parse_number(next_word(rest));
  return trace;
}

// A kernel's version as one number that grows: 2.6.18 is 18, 4.12 is 4012. 0 is unknown.
constexpr int kMajor = 1000;
constexpr int kEl5 = 18;
constexpr int kEver = 100 * kMajor;

struct Flag {
  std::uint64_t bit;
  std::string_view name;
  int first;  // 0: the same in every kernel from 2.6.18 on, so also in an unknown one
  int last;
};

// Only what is certain: where a bit changed its meaning between two kernels of the list, those
// around the change are left out.
constexpr std::array kFlags = {
    Flag{0x4, "PF_EXITING", 0, kEver},
    Flag{0x20, "PF_WQ_WORKER", 3000, kEver},
    Flag{0x40, "PF_FORKNOEXEC", 0, kEver},
    Flag{0x100, "PF_SUPERPRIV", 0, kEver},
    Flag{0x200, "PF_DUMPCORE", 0, kEver},
    Flag{0x400, "PF_SIGNALED", 0, kEver},
    Flag{0x800, "PF_MEMALLOC", 0, kEver},
    Flag{0x1000, "PF_FLUSHER", kEl5, 32},
    Flag{0x2000, "PF_USED_MATH", kEl5, 5019},
    Flag{0x8000, "PF_NOFREEZE", 0, kEver},
    Flag{0x10000, "PF_FROZEN", kEl5, 5014},
    Flag{0x20000, "PF_FSTRANS", kEl5, 4011},
    Flag{0x20000, "PF_KSWAPD", 4012, kEver},
    Flag{0x40000, "PF_KSWAPD", kEl5, 4011},
    Flag{0x40000, "PF_MEMALLOC_NOFS", 4012, kEver},
    Flag{0x80000, "PF_SWAPOFF", kEl5, kEl5},
    Flag{0x80000, "PF_MEMALLOC_NOIO", 3009, kEver},
    Flag{0x100000, "PF_LESS_THROTTLE", kEl5, 5006},
    Flag{0x100000, "PF_LOCAL_THROTTLE", 5008, kEver},
    Flag{0x200000, "PF_BORROWED_MM", kEl5, kEl5},
    Flag{0x200000, "PF_KTHREAD", 32, kEver},
    Flag{0x400000, "PF_RANDOMIZE", 0, kEver},
    Flag{0x800000, "PF_SWAPWRITE", kEl5, 5014},
    Flag{0x1000000, "PF_SPREAD_PAGE", kEl5, 3009},
    Flag{0x2000000, "PF_SPREAD_SLAB", kEl5, 3009},
    Flag{0x4000000, "PF_NO_SETAFFINITY", 3010, kEver},
    Flag{0x8000000, "PF_MCE_EARLY", 32, kEver},
    Flag{0x10000000, "PF_MEMPOLICY", kEl5, 3009},
    Flag{0x10000000, "PF_MEMALLOC_PIN", 5014, kEver},
};

// kernel_release.h has no third number, which 2.6 needs.
int version_of(std::string_view release) {
  release = trim(release);
  const auto parsed = parse_kernel_release(release);
  if (parsed.major >= 3) return parsed.major * kMajor + parsed.minor;
  constexpr std::string_view kOld = "2.6.";
  if (!release.starts_with(kOld)) return 0;
  release.remove_prefix(kOld.size());
  const auto patch = parse_number(release.substr(0, release.find_first_not_of("0123456789")));
  return patch && *patch < kMajor ? static_cast<int>(*patch) : 0;
}

std::string name_of(std::uint64_t bit, int version) {
  const auto* const flag =
      std::find_if(kFlags.begin(), kFlags.end(), [bit, version](const Flag& candidate) {
        return candidate.bit == bit && candidate.first <= version && version <= candidate.last;
      });
  return flag == kFlags.end() ? fmt::format("{:#x}", bit) : std::string(flag->name);
}

}  // namespace

bool BackTrace::is_balloon() const {
  return command == kDriverThread || std::any_of(frames.begin(), frames.end(), is_driver);
}

bool BackTrace::allocating() const {
  const auto [first, last] = called_by_driver(*this);
  return std::any_of(first, last, is_allocator);
}

bool BackTrace::in_direct_reclaim() const {
  const auto [first, last] = called_by_driver(*this);
  // kswapd and drop_caches shrink too: only what the allocator called is direct.
  const auto reclaim = std::find_if(first, last, is_reclaimer);
  return std::any_of(reclaim, last, is_allocator);
}

bool BackTraceReader::read(std::string_view line) {
  if (auto header = parse_header(line)) {
    end_trace();
    open_ = std::move(header);
    return true;
  }
  return read_frame(line);
}

bool BackTraceReader::read_frame(std::string_view line) {
  const auto level = take_level(line);
  if (!level && !open_) return false;
  auto frame = parse_frame(line, !level);
  if (!frame) return false;
  if (level == 0 && open_ && !open_->frames.empty()) end_trace();
  if (!open_) open_.emplace();
  if (open_->frames.size() < kMaxFrames) open_->frames.push_back(std::move(*frame));
  return true;
}

void BackTraceReader::end_trace() {
  if (open_ && !open_->frames.empty()) {
    if (traces_.size() < kMaxTraces) {
      traces_.push_back(std::move(*open_));
    } else if (open_->is_balloon()) {
      traces_.back() = std::move(*open_);
    }
  }
  open_.reset();
}

std::string_view BackTraceReader::command() const {
  return open_ ? std::string_view(open_->command) : std::string_view();
}

std::vector<BackTrace> BackTraceReader::take() {
  end_trace();
  return std::exchange(traces_, {});
}

bool is_crash_trace_line(std::string_view line) {
  if (trim(line).starts_with("PID:")) {
    return line.find("TASK:") != std::string_view::npos && parse_header(line).has_value();
  }
  if (!take_level(line)) return false;
  auto rest = line;
  return is_hexadecimal(take_bracketed(rest)) && parse_frame(line, true).has_value();
}

std::vector<std::string> task_flag_names(std::uint64_t flags, std::string_view kernel_release) {
  const int version = version_of(kernel_release);
  std::vector<std::string> names;
  for (std::uint64_t bit = 1; bit != 0; bit <<= 1U) {
    if ((flags & bit) != 0) names.push_back(name_of(bit, version));
  }
  return names;
}

}  // namespace ballast::model
