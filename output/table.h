// Lays out rows of cells under titles so that no line wraps; folds text; draws bars. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "output/terminal.h"

namespace ballast::output {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  std::string short_title = {};  // instead of the title where the room is short; "" = none
  std::string unit = {};         // shown below the title; "" = none
  Align align = Align::kLeft;
  std::size_t min_width = 0;  // its text may be cut to this width, ending in "…"; 0: never cut
  int drop_order = 0;  // which columns go where cutting is not enough: 1 first; 0 stays to the last
};

// `text` went through safe_text().
struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

// Takes the columns first, then rows (missing cells are empty, surplus ones ignored), then renders.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  void add_row(std::vector<Cell> cells);

  // Returns lines ending in "\n", without trailing spaces, that start with `indent` spaces and are
  // at most `traits.width` columns wide (0: as wide as needed). Where the room is short, first long
  // text is cut to 20 columns; then short titles are taken and text is cut further, the widest
  // column first; then columns are dropped. Columns that may not be cut stay whole, unless the
  // first column alone is too wide.
  [[nodiscard]] std::string render(const StreamTraits& traits, std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// Returns the words of `text` in lines at most `width` columns wide (0: one line). The caller
// prints the first line at `column`; the others start with as many spaces. A word longer than a
// line is cut into pieces.
[[nodiscard]] std::string fold(const std::string& text, std::size_t width, std::size_t column = 0);

// Returns `part` of `whole` as a bar of at most `columns`; "" if either is 0 or less.
[[nodiscard]] std::string bar(std::int64_t part, std::int64_t whole, std::size_t columns,
                              bool unicode);

}  // namespace ballast::output
