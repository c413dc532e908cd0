// Writes text for people: paragraphs, headings, labelled values and tables, folded to the terminal.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/words.h"
#include "output/table.h"
#include "output/terminal.h"

namespace ballast::output {

// Writes from top to bottom. All text given to it went through safe(), or is the program's own.
// `traits` and `out` must outlive the page.
class Page {
 public:
  Page(const StreamTraits& traits, std::ostream& out)
      : traits_(traits), signs_(signs_for(traits)), out_(out) {}

  [[nodiscard]] std::string safe(const std::string& text, std::size_t max_bytes = 1024) const {
    return safe_text(text, traits_, max_bytes);
  }
  [[nodiscard]] const Signs& signs() const { return signs_; }
  [[nodiscard]] const StreamTraits& traits() const { return traits_; }

  void paragraph(const std::string& text, Style style = Style::kPlain, std::size_t indent = 0);
  // Writes `text` as it is: it is styled already, and narrow enough.
  void line(const std::string& text, std::size_t indent) {
    out_ << std::string(text.empty() ? 0 : indent, ' ') << text << '\n';
  }
  void gap() { out_ << '\n'; }
  // Leaves a gap, then writes a heading.
  void heading(const std::string& text);
  // Writes labels side by side, then `text`, folded in the room to the right of them.
  void entry(const std::vector<Cell>& labels, const std::string& text, Style style = Style::kPlain);
  // Writes a label in a column of its own, then the value; nothing at all if the value is "".
  void field(std::string_view label, const std::string& value, Style style = Style::kPlain);
  void table(const Table& table, std::size_t indent = 0) { out_ << table.render(traits_, indent); }

 private:
  const StreamTraits& traits_;
  Signs signs_;
  std::ostream& out_;
};

}  // namespace ballast::output
