#include "model/crash/back_trace.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
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

// Returns the frames that the driver's outermost function called; none if there is no such
// function. The driver's own thread runs nothing but the driver, so all its frames count even where
// no frame names the module.
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

// Takes "[…]" off the front and returns what is inside, "" if there is none.
std::string_view take_bracketed(std::string_view& text) {
  text = trim(text);
  const auto end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return {};
  const auto inside = trim(text.substr(1, end - 1));
  text = trim(text.substr(end + 1));
  return inside;
}

// Takes "#12" off the front and returns the number, empty if there is none.
std::optional<std::int64_t> take_level(std::string_view& line) {
  auto rest = trim(line);
  if (!rest.starts_with('#')) return std::nullopt;
  const auto level = parse_number(next_word(rest).substr(1));
  if (level) line = rest;
  return level;
}

// Returns the module at the end of a frame's line, "… [vmmemctl]"; "" if there is none.
std::string_view module_at_end(std::string_view line) {
  line = trim(line);
  const auto start = line.rfind('[');
  if (!line.ends_with(']') || start == std::string_view::npos) return {};
  const auto name = line.substr(start + 1, line.size() - start - 2);
  return is_name(name) ? name : std::string_view();
}

// Reads a frame without its number. `loose`: nothing before it said that the line is a frame, so it
// has to look like one.
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

// Reads the header of a task: PID: 2789 TASK: ffff… CPU: 1 COMMAND: "vmmemctl".
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

}  // namespace ballast::model
