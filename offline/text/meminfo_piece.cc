#include "offline/text/meminfo_piece.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast::offline {

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
