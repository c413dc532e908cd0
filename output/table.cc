#include "output/table.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace ballast::output {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kComfortable = 20;  // columns of text; titles are shortened before it is less

// A column that is shown, and how wide.
struct Slot {
  std::size_t column = 0;
  std::size_t width = 0;
};

std::size_t total_width(const std::vector<Slot>& slots) {
  const std::size_t gaps = slots.empty() ? 0 : (slots.size() - 1) * kGap;
  return std::accumulate(slots.begin(), slots.end(), gaps,
                         [](std::size_t sum, const Slot& slot) { return sum + slot.width; });
}

// Chooses the columns and their widths for one table and one width of the terminal.
class Fitter {
 public:
  Fitter(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows)
      : columns_(columns), content_(columns.size()) {
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        content_[i] = std::max(content_[i], display_width(row[i].text));
      }
    }
  }

  // `short_titles` tells the caller which titles the widths are for.
  std::vector<Slot> fit(std::size_t width, bool& short_titles) const {
    short_titles = false;
    auto shown = all_columns();
    std::vector<Slot> slots = natural(shown, short_titles);
    if (width == 0) return slots;
    cut(slots, width, kComfortable);
    if (total_width(slots) <= width) return slots;
    short_titles = true;
    while (true) {
      slots = natural(shown, short_titles);
      cut(slots, width, 0);
      if (total_width(slots) <= width) return slots;
      if (shown.size() == 1) break;
      drop_one(shown);
    }
    slots.front().width = width;
    return slots;
  }

 private:
  [[nodiscard]] std::vector<std::size_t> all_columns() const {
    std::vector<std::size_t> all(columns_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }

  [[nodiscard]] std::vector<Slot> natural(const std::vector<std::size_t>& shown,
                                          bool short_titles) const {
    std::vector<Slot> slots;
    for (const std::size_t i : shown) {
      const Column& column = columns_[i];
      const bool abbreviate = short_titles && !column.short_title.empty();
      const auto& title = abbreviate ? column.short_title : column.title;
      const std::size_t head = std::max(display_width(title), display_width(column.unit));
      slots.push_back({i, std::max(head, content_[i])});
    }
    return slots;
  }

  // Takes one column after the other from the widest text that may still be cut; none is cut below
  // `floor`.
  void cut(std::vector<Slot>& slots, std::size_t width, std::size_t floor) const {
    for (std::size_t total = total_width(slots); total > width; --total) {
      Slot* widest = nullptr;
      for (auto& slot : slots) {
        const std::size_t least = columns_[slot.column].min_width;
        if (least == 0 || slot.width <= std::max(least, floor)) continue;
        if (widest == nullptr || slot.width > widest->width) widest = &slot;
      }
      if (widest == nullptr) return;
      --widest->width;
    }
  }

  // The lowest drop order goes; among columns without one, the last.
  void drop_one(std::vector<std::size_t>& shown) const {
    auto victim = shown.end() - 1;
    for (auto it = shown.begin(); it != shown.end(); ++it) {
      const int order = columns_[*it].drop_order;
      const int lowest = columns_[*victim].drop_order;
      if (order > 0 && (lowest == 0 || order < lowest)) victim = it;
    }
    shown.erase(victim);
  }

  const std::vector<Column>& columns_;
  std::vector<std::size_t> content_;
};

// Appends lines cell by cell; spaces are written only before the next text.
class LineWriter {
 public:
  LineWriter(const StreamTraits& traits, std::size_t indent) : traits_(traits), indent_(indent) {}

  void begin() { pending_ = indent_; }
  void cell(std::string_view text, Style style, Align align, std::size_t width) {
    const std::string cut = elide_for(text, width, traits_.unicode);
    const std::size_t padding = width - std::min(width, display_width(cut));
    if (align == Align::kRight) pending_ += padding;
    if (!cut.empty()) {
      out_.append(pending_, ' ');
      pending_ = 0;
      out_ += paint(cut, style, traits_.colour);
    }
    if (align == Align::kLeft) pending_ += padding;
    pending_ += kGap;
  }
  void end() { out_ += '\n'; }
  std::string take() { return std::move(out_); }

 private:
  const StreamTraits& traits_;
  std::size_t indent_;
  std::size_t pending_ = 0;
  std::string out_;
};

// The longest beginning of `text` that fits into `columns`.
std::string_view prefix_of(std::string_view text, std::size_t columns) {
  // Two more characters, so that elide() has something to cut in every case.
  const std::string cut = elide(std::string(text) + "..", columns + 1);
  return text.substr(0, cut.size() - std::string_view("…").size());
}

class Folder {
 public:
  Folder(std::size_t width, std::size_t margin)
      : width_(width), margin_(margin, ' '), used_(margin) {}

  void add(std::string_view word) {
    if (line_has_words_ && used_ + 1 + display_width(word) > width_) next_line();
    if (line_has_words_) append(" ");
    // A word beyond a whole line (a path, a digest) is cut where the line ends.
    while (used_ + display_width(word) > width_) {
      const auto piece = prefix_of(word, width_ - used_);
      if (piece.empty()) break;
      append(piece);
      word.remove_prefix(piece.size());
      next_line();
    }
    append(word);
    line_has_words_ = true;
  }
  std::string take() { return std::move(out_); }

 private:
  void append(std::string_view text) {
    out_ += text;
    used_ += display_width(text);
  }
  void next_line() {
    out_ += '\n' + margin_;
    used_ = margin_.size();
    line_has_words_ = false;
  }

  std::size_t width_;
  std::string margin_;
  std::string out_;
  std::size_t used_;
  bool line_has_words_ = false;
};

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::render(const StreamTraits& traits, std::size_t indent) const {
  const std::size_t room = traits.width > indent ? traits.width - indent : traits.width;
  bool short_titles = false;
  const auto slots = Fitter(columns_, rows_).fit(room, short_titles);
  LineWriter line(traits, indent);
  const auto write = [&](auto&& cell_of) {
    line.begin();
    for (const Slot& slot : slots) {
      const Cell cell = cell_of(slot.column);
      line.cell(cell.text, cell.style, columns_[slot.column].align, slot.width);
    }
    line.end();
  };
  const auto has = [&](auto field) {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const Column& column) { return !(column.*field).empty(); });
  };
  if (has(&Column::title)) {
    write([&](std::size_t i) {
      const bool abbreviate = short_titles && !columns_[i].short_title.empty();
      return Cell{abbreviate ? columns_[i].short_title : columns_[i].title, Style::kStrong};
    });
  }
  if (has(&Column::unit)) {
    write([&](std::size_t i) { return Cell{columns_[i].unit, Style::kFaint}; });
  }
  for (const auto& row : rows_) write([&](std::size_t i) { return row[i]; });
  return line.take();
}

std::string fold(const std::string& text, std::size_t width, std::size_t column) {
  constexpr std::size_t kLeastRoom = 16;
  if (width == 0) return text;
  Folder folder(std::max(width, column + kLeastRoom), column);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (end > 0) folder.add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return folder.take();
}

std::string bar(std::int64_t part, std::int64_t whole, std::size_t columns, bool unicode) {
  if (part <= 0 || whole <= 0) return {};
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double share = std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
  const auto eighths =
      static_cast<std::size_t>(std::lround(share * static_cast<double>(columns) * 8));
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += unicode ? "█" : "#";
  if (unicode) return out.append(kEighths[eighths % 8]);
  return eighths % 8 >= 4 ? out + "#" : out;
}

}  // namespace ballast::output
