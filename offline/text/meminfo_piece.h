// One pasted meminfo, line by line, and its fields as people paste them.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ballast::offline {

// Tells whether a kernel prints a field of this name in meminfo.
[[nodiscard]] bool is_meminfo_name(std::string_view name);

struct PastedField {
  std::string name;
  std::string digits;  // without separators of thousands
  bool has_unit = false;
};

// Reads the fields in one line: mostly one, all of them where line ends were lost. The unit may be
// missing or be written "kb" or "KB"; thousands may be set apart by dots, commas, apostrophes or
// blanks. Empty for a line that is anything else, whole or in part: also where a unit is not KiB or
// the separators are not between thousands.
[[nodiscard]] std::optional<std::vector<PastedField>> meminfo_fields(std::string_view line);

// Tells whether the line begins with the name of a field and a colon.
[[nodiscard]] bool begins_meminfo_field(std::string_view line);

// Gathers the lines of one meminfo and gives it back as the kernel prints it.
class MeminfoPiece {
 public:
  // Takes a line that begins_meminfo_field() or has meminfo_fields(). Returns false, and
  // takes nothing, if it begins the next meminfo: the fields repeat from the first one on.
  [[nodiscard]] bool add(std::string_view line, std::size_t number);
  // Tells whether the fields so far are in the order of the alphabet from its end on.
  [[nodiscard]] bool is_sorted_down() const;
  // Tells that lines are missing here, or strange: if fields follow, the piece cannot be used.
  void add_gap(std::string_view line, std::size_t number);
  // Tells that a mark stands here for lines that were left out.
  void add_cut(std::string_view mark, std::size_t number);

  struct Done {
    std::string text;
    std::vector<std::string> notes;
  };
  // `at_end`: the text ends behind the last line, without a newline, so that a number without its
  // unit may be cut. Errors: kParse, with the line that is wrong.
  [[nodiscard]] Result<Done> finish(bool at_end);

 private:
  struct Field {
    PastedField pasted;
    std::size_t line = 0;
  };

  void refuse(std::string_view line, std::size_t number, std::string_view why);
  Status check_units(bool at_end, std::vector<std::string>& notes);

  std::vector<Field> fields_;
  std::set<std::string, std::less<>> names_;
  std::optional<Error> refusal_;
  // A line that no field follows yet: strange, or a field that is not whole.
  std::string gap_;
  std::size_t gap_line_ = 0;
  bool gap_is_field_ = false;
};

}  // namespace ballast::offline
