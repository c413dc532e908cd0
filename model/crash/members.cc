#include "model/crash/members.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kStruct = "struct ";
constexpr std::string_view kElement = "[]";  // the owner's name in an array of structures
constexpr std::array<std::string_view, 6> kZones = {"DMA",     "DMA32",   "Normal",
                                                    "HighMem", "Movable", "Device"};

// "struct zone" -> "zone".
std::string_view type_name(std::string_view type) {
  type = trim(type);
  if (type.starts_with(kStruct)) type = trim(type.substr(kStruct.size()));
  return type.substr(0, type.find_first_of(" *)"));
}

// "balloon.size" -> {"balloon", "size"}. A list of members, "balloon.size,target", names no single
// one.
ShownObject split_member(std::string_view expression) {
  const auto dot = expression.find('.');
  if (dot == std::string_view::npos) return {expression, {}, false};
  const auto member = expression.substr(dot + 1);
  const bool one = member.find_first_of(".,") == std::string_view::npos;
  return {expression.substr(0, dot), one ? member : std::string_view(), true};
}

// Returns the number in `270,`, `0x10,` or `{counter = 270},`.
std::string_view figure_of(std::string_view value) {
  constexpr std::string_view kCounter = "counter =";
  if (value.starts_with('{')) {
    const auto at = value.find(kCounter);
    if (at == std::string_view::npos) return {};
    value.remove_prefix(at + kCounter.size());
  }
  value = trim(value);
  return value.substr(0, value.find_first_of(" ,}\t"));
}

// Takes off the number that gdb gives a value in its history: "balloon = $1 = {".
std::string_view without_history(std::string_view value) {
  if (!value.starts_with('$')) return value;
  const auto equals = value.find(" = ");
  return equals == std::string_view::npos ? std::string_view() : trim(value.substr(equals + 3));
}

bool is_balloon(std::string_view owner) { return owner == "balloon" || owner == "vmballoon"; }

// Returns false if two readings of one figure differ.
bool keep_same(std::int64_t pages, std::optional<std::int64_t>& kib) {
  const auto value = kib_from_pages(pages);
  if (kib && *kib != value) return false;
  kib = value;
  return true;
}

}  // namespace

ShownObject shown_by(std::string_view command) {
  auto rest = command;
  const auto verb = next_word(rest);
  rest = trim(rest);
  if (verb == "task" || verb == "foreach") return {"task_struct", {}, true};
  if (verb == kStruct.substr(0, kStruct.size() - 1)) return split_member(next_word(rest));
  const bool print = verb.starts_with("p/") || verb == "p" || verb == "px" || verb == "pd" ||
                     verb == "print" || verb == "*";
  if (!print) return verb.find('.') == std::string_view::npos ? ShownObject{} : split_member(verb);
  const auto cast = rest.find("(struct ");
  const auto arrow = rest.rfind("->");
  const auto type =
      cast == std::string_view::npos ? std::string_view() : type_name(rest.substr(cast + 1));
  if (arrow != std::string_view::npos) return {type, trim(rest.substr(arrow + 2)), true};
  return type.empty() ? split_member(next_word(rest)) : ShownObject{type, {}, false};
}

void MemberReader::begin_command(std::string_view command) {
  blocks_.clear();
  unnamed_ = 0;
  shown_ = shown_by(command);
}

// Where gdb says "$1", the name is what the command asked for.
std::string_view MemberReader::named(std::string_view key) const {
  if (!key.starts_with('$')) return key;
  return shown_.member.empty() ? shown_.type : shown_.member;
}

// Returns the name of the block that is `above` levels above the innermost.
std::string_view MemberReader::block(std::size_t above) const {
  if (unnamed_ > above) return kElement;
  above -= unnamed_;
  if (above < blocks_.size()) return blocks_[blocks_.size() - 1 - above];
  return shown_.bare ? shown_.type : std::string_view();
}

MemberReader::Member MemberReader::member_of(std::string_view key, std::string_view value) const {
  // An atomic_t is a structure of one member.
  const bool atomic = key == "counter" && !blocks_.empty();
  return {block(atomic ? 1 : 0), atomic ? block(0) : named(key), value};
}

void MemberReader::open(std::string_view line, std::string_view key) {
  if (line.starts_with(kStruct)) {
    blocks_.clear();
    unnamed_ = 0;
  }
  if (blocks_.size() >= kMaxDepth) {
    ++unnamed_;
  } else if (!key.empty()) {
    blocks_.push_back(named(key));
  } else {
    blocks_.push_back(line.starts_with(kStruct) ? type_name(line) : kElement);
  }
}

// Closes a block for each closing brace whose opening one is not in the same line.
void MemberReader::close_blocks(std::string_view line) {
  std::size_t inside = 0;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (quoted || (c != '{' && c != '}')) continue;
    if (c == '{') {
      ++inside;
    } else if (inside > 0) {
      --inside;
    } else if (unnamed_ > 0) {
      --unnamed_;
    } else if (!blocks_.empty()) {
      blocks_.pop_back();
    }
  }
}

LineTaken MemberReader::read(std::string_view line, std::string_view task) {
  line = trim(line);
  if (line.starts_with('}')) close_blocks(line);
  const auto equals = line.find(" = ");
  const auto key =
      equals == std::string_view::npos ? std::string_view() : trim(line.substr(0, equals));
  if (line.ends_with('{')) {
    open(line, key);
    return false;
  }
  if (key.empty()) return false;
  const auto value = without_history(trim(line.substr(equals + 3)));
  const auto taken = take_member(member_of(key, value), line, task);
  if (!line.starts_with('}')) close_blocks(line);
  return taken;
}

LineTaken MemberReader::take_member(const Member& member, std::string_view line,
                                    std::string_view task) {
  if (member.name == "flags") return take_flags(member, line, task);
  if (member.name == "name") return take_zone_name(member);
  if (member.name == "reclaim_in_progress") return take_counter(member, line);
  const bool size = member.name == "size";
  if (!is_balloon(member.owner) || (!size && member.name != "target")) return false;
  const auto figure = figure_of(member.value);
  const auto pages = parse_gdb_number(figure);
  if (!pages) {
    if (figure.empty() || !is_digit(figure.front())) return false;
    return bad_crash_line(line);
  }
  if (!keep_same(*pages, size ? found_.balloon_kib : found_.balloon_target_kib)) {
    return occurs_twice("the balloon", member.name);
  }
  return true;
}

LineTaken MemberReader::take_flags(const Member& member, std::string_view line,
                                   std::string_view task) {
  const bool of_task = member.owner == "task_struct";
  if (!of_task && !member.owner.empty()) return false;
  const auto figure = figure_of(member.value);
  if (figure.empty() || !is_digit(figure.front())) return false;
  const auto flags = parse_gdb_number(figure);
  if (!flags || *flags > std::numeric_limits<std::uint32_t>::max()) {
    // Flags of a page or an inode are wider, and may stand alone as well.
    if (of_task) return bad_crash_line(line);
    return false;
  }
  const bool of_balloon = task == "vmmemctl";
  if (!found_.task_flags || (of_balloon && !flags_of_balloon_)) {
    found_.task_flags = static_cast<std::uint64_t>(*flags);
    found_.flags_command = task;
    flags_of_balloon_ = of_balloon;
  }
  return true;
}

bool MemberReader::take_zone_name(const Member& member) {
  const auto first = member.value.find('"');
  if (first == std::string_view::npos) return false;
  const auto name = member.value.substr(first + 1, member.value.rfind('"') - first - 1);
  if (std::find(kZones.begin(), kZones.end(), name) == kZones.end()) return false;
  if (!zone_.empty()) commit_zone();
  zone_ = name;
  if (counter_) commit_zone();
  return true;
}

LineTaken MemberReader::take_counter(const Member& member, std::string_view line) {
  const auto figure = figure_of(member.value);
  if (figure.empty() || !is_digit(figure.front())) return false;
  const auto value = parse_gdb_number(figure);
  if (!value) return bad_crash_line(line);
  if (counter_) commit_zone();
  counter_ = value;
  if (!zone_.empty()) commit_zone();
  return true;
}

// Of several zones the one with the largest counter is kept: there the most tasks wait.
void MemberReader::commit_zone() {
  const bool first = !found_.tasks_in_reclaim && found_.zone.empty();
  const bool larger =
      counter_ && (!found_.tasks_in_reclaim || *counter_ > *found_.tasks_in_reclaim);
  if (first || larger) {
    found_.zone = zone_;
    found_.tasks_in_reclaim = counter_;
  }
  zone_ = {};
  counter_.reset();
}

MemberReader::Found MemberReader::take() {
  if (!zone_.empty() || counter_) commit_zone();
  return std::exchange(found_, {});
}

}  // namespace ballast::model
