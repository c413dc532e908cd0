// Lays out rows of cells under titles so that nothing wraps. Pure: a table in, text out.
#pragma once

#include <cstddef>
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
  std::size_t min_width = 0;  // text may be cut down to this, ending in "…"; 0: never cut
  int drop_order = 0;         // where cutting is not enough: 1 goes first, …; 0 stays to the last
};

// `text` went through safe_text().
struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

// Usage: columns, then rows (missing cells are empty, surplus ones ignored), then render().
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  void add_row(std::vector<Cell> cells);

  // Lines ending in "\n", without trailing spaces, each at most `traits.width` columns wide (0: as
  // wide as needed) after `indent` spaces. Where the room is short: long text is cut to 20 columns,
  // then short titles are taken and text is cut further (the widest column first), then columns are
  // dropped. Figures are never cut unless nothing but the first column is left.
  [[nodiscard]] std::string render(const StreamTraits& traits, std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// Words of `text` in lines that end before `width` (0: one line). The first is to be printed at
// `column`, the others start with as many spaces. A word longer than a line is cut into pieces.
[[nodiscard]] std::string fold(const std::string& text, std::size_t width, std::size_t column = 0);

// `part` of `whole` as a bar of at most `columns`; "" for nothing or less.
[[nodiscard]] std::string bar(std::int64_t part, std::int64_t whole, std::size_t columns,
                              bool unicode);

}  // namespace ballast::output
