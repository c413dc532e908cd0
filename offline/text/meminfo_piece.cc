#include "offline/text/meminfo_piece.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::offline {
namespace {

// Those of 2.6.18 to 6.x by which a text is known as meminfo.
constexpr auto kMeminfoNames = std::to_array<std::string_view>(
    {"MemTotal",       "MemFree",        "MemAvailable",    "Buffers",
     "Cached",         "SwapCached",     "Active",          "Inactive",
     "Active(anon)",   "Inactive(anon)", "Active(file)",    "Inactive(file)",
     "Unevictable",    "Mlocked",        "HighTotal",       "HighFree",
     "LowTotal",       "LowFree",        "SwapTotal",       "SwapFree",
     "Zswap",          "Zswapped",       "Dirty",           "Writeback",
     "AnonPages",      "Mapped",         "Shmem",           "KReclaimable",
     "Slab",           "SReclaimable",   "SUnreclaim",      "KernelStack",
     "PageTables",     "SecPageTables",  "NFS_Unstable",    "Bounce",
     "WritebackTmp",   "CommitLimit",    "Committed_AS",    "VmallocTotal",
     "VmallocUsed",    "VmallocChunk",   "Percpu",          "HardwareCorrupted",
     "AnonHugePages",  "ShmemHugePages", "HugePages_Total", "HugePages_Free",
     "HugePages_Rsvd", "HugePages_Surp", "Hugepagesize",    "Hugetlb",
     "FileHugePages",  "FilePmdMapped",  "ShmemPmdMapped",  "CmaTotal",
     "CmaFree",        "Unaccepted",     "Balloon",         "GPUActive",
     "GPUReclaim",     "DirectMap1G",    "DirectMap4M",     "DirectMap4k",
     "DirectMap2M"});

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || model::is_digit(c) || c == '_' ||
         c == '(' || c == ')';
}

// Takes what a line of meminfo consists of off its front, one thing after the other.
class FieldReader {
 public:
  explicit FieldReader(std::string_view line) : rest_(trim(line)) {}
  std::optional<PastedField> next();
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  std::string_view take_digits();
  std::string_view take_name();
  std::optional<std::string> take_number();
  bool take_unit();

  std::string_view rest_;
};

// Returns "MemTotal" of "MemTotal:"; "" if there is no such name.
std::string_view FieldReader::take_name() {
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name_character);
  const auto name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  const bool capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
  if (!capital || name.size() < 3 || end == rest_.end() || *end != ':') return {};
  rest_.remove_prefix(name.size() + 1);
  return name;
}

std::string_view FieldReader::take_digits() {
  const auto size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  const auto digits = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return digits;
}

// Reads "2054412", "2.054.412", "2,054,412", "2'054'412", "2 054 412".
std::optional<std::string> FieldReader::take_number() {
  const auto first = take_digits();
  if (first.empty()) return std::nullopt;
  std::string number(first);
  const char separator = rest_.empty() ? '\0' : rest_.front();
  if (std::string_view(".,' ").find(separator) == std::string_view::npos) return number;
  while (rest_.size() > 1 && rest_.front() == separator && model::is_digit(rest_[1])) {
    // A number of four digits has none before the separator, and none begins with 0.
    const bool first_group = number.size() <= 3 && number.front() != '0';
    if (number.size() == first.size() && !first_group) return std::nullopt;
    rest_.remove_prefix(1);
    const auto group = take_digits();
    if (group.size() != 3) return std::nullopt;
    number += group;
  }
  return number;
}

// Tells whether `text` begins with the word `lower`, in capitals or not.
bool begins_with_word(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  const bool same = std::equal(lower.begin(), lower.end(), text.begin(), [](char wanted, char c) {
    return c == wanted || c == wanted - 'a' + 'A';
  });
  return same && (text.size() == lower.size() || !is_name_character(text[lower.size()]));
}

// Takes the unit off, if there is one, and returns whether there was one.
bool FieldReader::take_unit() {
  for (const std::string_view unit : {"kb", "kib"}) {
    if (!begins_with_word(rest_, unit)) continue;
    rest_.remove_prefix(unit.size());
    return true;
  }
  return false;
}

std::optional<PastedField> FieldReader::next() {
  PastedField field;
  field.name = take_name();
  skip_blanks();
  const auto number = take_number();
  if (field.name.empty() || !number) return std::nullopt;
  field.digits = *number;
  skip_blanks();
  field.has_unit = take_unit();
  if (rest_.starts_with(',') || rest_.starts_with(';')) rest_.remove_prefix(1);
  skip_blanks();
  return field;
}

}  // namespace

bool is_meminfo_name(std::string_view name) {
  return std::find(kMeminfoNames.begin(), kMeminfoNames.end(), name) != kMeminfoNames.end();
}

std::optional<std::vector<PastedField>> meminfo_fields(std::string_view line) {
  FieldReader reader(line);
  std::vector<PastedField> fields;
  while (!reader.done()) {
    auto field = reader.next();
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
  }
  if (fields.empty()) return std::nullopt;
  return fields;
}

bool begins_meminfo_field(std::string_view line) {
  line = trim(line);
  const auto colon = line.find(':');
  return colon != std::string_view::npos && is_meminfo_name(trim(line.substr(0, colon)));
}

namespace {

constexpr std::string_view kTakeOut =
    "take out what the kernel did not print, or give a copy of the file itself";

// The numbers of huge pages are counts and have no unit.
bool is_count(const PastedField& field) { return field.name.starts_with("HugePages_"); }

bool lacks_unit(const PastedField& field) { return !field.has_unit && !is_count(field); }

}  // namespace

void MeminfoPiece::refuse(std::string_view line, std::size_t number, std::string_view why) {
  if (refusal_) return;
  refusal_ = Error{ErrorCode::kParse,
                   fmt::format("meminfo: line {}, '{}', {}", number, printable(line, 80), why),
                   std::string(kTakeOut), ""};
}

bool MeminfoPiece::is_sorted_down() const {
  const auto goes_up = [](const Field& before, const Field& after) {
    return before.pasted.name.front() < after.pasted.name.front();
  };
  return std::adjacent_find(fields_.begin(), fields_.end(), goes_up) == fields_.end() &&
         fields_.size() > 2;
}

void MeminfoPiece::add_gap(std::string_view line, std::size_t number) {
  if (!gap_.empty()) return;
  gap_ = line;
  gap_line_ = number;
}

void MeminfoPiece::add_cut(std::string_view mark, std::size_t number) {
  if (refusal_) return;
  refusal_ = Error{ErrorCode::kParse,
                   fmt::format("meminfo: it was cut: line {}, '{}', stands for lines that are "
                               "missing",
                               number, printable(mark, 80)),
                   "give all lines of /proc/meminfo", ""};
}

bool MeminfoPiece::add(std::string_view line, std::size_t number) {
  const auto pasted = meminfo_fields(line);
  const bool repeats =
      pasted && !fields_.empty() && pasted->front().name == fields_.front().pasted.name;
  if (repeats) return false;
  if (!gap_.empty()) {
    refuse(gap_, gap_line_,
           gap_is_field_ ? "is no field as the kernel prints it" : "stands between its fields");
  }
  if (!pasted) {
    add_gap(line, number);
    gap_is_field_ = true;
    return true;
  }
  for (const auto& field : *pasted) {
    if (!names_.insert(field.name).second) refuse(line, number, "repeats a field");
    fields_.push_back({field, number});
  }
  return true;
}

Status MeminfoPiece::check_units(bool at_end, std::vector<std::string>& notes) {
  const auto without = std::count_if(fields_.begin(), fields_.end(),
                                     [](const Field& field) { return lacks_unit(field.pasted); });
  const bool none = std::all_of(fields_.begin(), fields_.end(),
                                [](const Field& field) { return !field.pasted.has_unit; });
  const auto& last = fields_.back().pasted;
  const bool last_alone = !none && without == 1 && lacks_unit(last);
  const bool last_open = at_end && !last.has_unit;
  if (last_alone || last_open) {
    notes.push_back(
        fmt::format("meminfo ends inside the line of {}, whose number may be cut: it was left out",
                    printable(last.name, 40)));
    fields_.pop_back();
  } else if (without > 0 && !none) {
    const auto bad = std::find_if(fields_.begin(), fields_.end(),
                                  [](const Field& field) { return lacks_unit(field.pasted); });
    return fail(ErrorCode::kParse,
                fmt::format("meminfo: line {}, {}, has no unit while others have one", bad->line,
                            printable(bad->pasted.name, 40)),
                std::string(kTakeOut));
  }
  if (none && without > 0) notes.emplace_back("meminfo has no unit; its figures were taken as kB");
  return {};
}

Result<MeminfoPiece::Done> MeminfoPiece::finish(bool at_end) {
  if (refusal_) return fail(*refusal_);
  Done done;
  if (gap_is_field_) {
    done.notes.push_back(
        fmt::format("meminfo ends in line {}, '{}', which is no whole field: it was left out",
                    gap_line_, printable(gap_, 80)));
  }
  if (fields_.empty()) {
    return fail(ErrorCode::kParse,
                fmt::format("meminfo: line {}, '{}', is no field as the kernel prints it",
                            gap_line_, printable(gap_, 80)),
                std::string(kTakeOut));
  }
  if (auto checked = check_units(at_end && !gap_is_field_, done.notes); !checked) {
    return fail(checked.error());
  }
  for (const auto& field : fields_) {
    done.text += fmt::format("{}: {}{}\n", field.pasted.name, field.pasted.digits,
                             is_count(field.pasted) ? "" : " kB");
  }
  return done;
}

}  // namespace ballast::offline
