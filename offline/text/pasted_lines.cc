#include "offline/text/pasted_lines.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/text.h"
#include "model/parse/numbers.h"
#include "offline/text/meminfo_piece.h"

namespace ballast::offline {

namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view without_blanks_in_front(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

std::string_view without_blanks_behind(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\f\v");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view without_quotation(std::string_view line) {
  for (;;) {
    const auto rest = without_blanks_in_front(line);
    if (!rest.starts_with('>')) return line;
    line = rest.substr(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
}

// Only from fields of meminfo: other files have such signs of their own.
std::string_view without_bullet(std::string_view line) {
  auto rest = without_blanks_in_front(line);
  if (!rest.starts_with("- ") && !rest.starts_with("* ") && !rest.starts_with("| ")) return line;
  rest = without_blanks_in_front(rest.substr(2));
  if (!begins_meminfo_field(rest)) return line;
  if (rest.ends_with('|')) rest.remove_suffix(1);
  return rest;
}

// Numbers of lines.

struct Numbered {
  std::int64_t number = 0;
  std::string_view rest;
};

// Reads "  12 rest", "12: rest", "12:rest", "12) rest".
std::optional<Numbered> numbered(std::string_view line) {
  line = without_blanks_in_front(line);
  const auto digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const auto number = model::parse_number(line.substr(0, digits));
  auto rest = line.substr(digits);
  if (!number || rest.empty()) return std::nullopt;
  const bool mark = std::string_view(":)|").find(rest.front()) != std::string_view::npos;
  if (!mark && kBlanks.find(rest.front()) == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(1);
  return Numbered{*number, rest};
}

constexpr std::size_t kShortestCount = 5;

// Takes the numbers off each run of lines that counts them. Tables of /proc have numbers in front
// too, but those do not go up by one from line to line.
void remove_numbers(std::vector<PastedLine>& lines) {
  std::vector<std::size_t> run;  // indices
  std::int64_t last = 0;
  const auto finish = [&] {
    for (const auto index : run) {
      if (run.size() < kShortestCount) break;
      lines[index].text = numbered(lines[index].text)->rest;
    }
    run.clear();
  };
  for (std::size_t index = 0; index < lines.size(); ++index) {
    if (lines[index].text.empty()) continue;
    const auto found = numbered(lines[index].text);
    if (!found || (!run.empty() && found->number != last + 1)) finish();
    if (!found) continue;
    run.push_back(index);
    last = found->number;
  }
  finish();
}

// Times in front.

// Tells whether `text` begins as `shape` says: '0' is a digit, 'a' a letter, ' ' a blank or a
// digit, anything else itself.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  return std::equal(shape.begin(), shape.end(), text.begin(), [](char wanted, char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (wanted == '0') return model::is_digit(c);
    if (wanted == 'a') return letter;
    if (wanted == ' ') return c == ' ' || model::is_digit(c);
    return wanted == c;
  });
}

// Returns what follows a time such as syslog, journalctl and `ts` write; empty if there is none.
std::optional<std::string_view> behind_time(std::string_view line) {
  constexpr std::array<std::string_view, 3> kShapes = {"aaa  0 00:00:00", "0000-00-00T00:00:00",
                                                       "0000-00-00 00:00:00"};
  for (const auto shape : kShapes) {
    if (!has_shape(line, shape)) continue;
    const auto rest = line.substr(shape.size());
    // What is still part of the time: fractions, the zone.
    const auto end = std::min(rest.find_first_of(kBlanks), rest.size());
    const auto tail = rest.substr(0, end);
    const bool of_time = tail.find_first_not_of("0123456789.,:+-Z") == std::string_view::npos;
    if (end == rest.size() || !of_time) return std::nullopt;
    return without_blanks_in_front(rest.substr(end));
  }
  return std::nullopt;
}

// Takes "host program[12]: " off; a field of meminfo is no program.
std::string_view without_program(std::string_view text) {
  auto rest = text;
  const auto host = model::next_word(rest);
  if (host.empty() || host.ends_with(':')) return text;
  const auto behind_host = rest;
  const auto program = model::next_word(rest);
  if (!program.ends_with(':')) return text;
  if (is_meminfo_name(program.substr(0, program.size() - 1))) {
    return without_blanks_in_front(behind_host);
  }
  // syslog puts one blank there; more are the line's own.
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  return rest;
}

// Returns what follows "[  174.062364] " or "[Tue Jul 29 04:00:02 2025] "; empty if there is
// neither.
std::optional<std::string_view> behind_kernel_time(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const auto end = line.find("] ");
  if (end == std::string_view::npos) return std::nullopt;
  const auto inside = trim(line.substr(1, end - 1));
  const bool seconds = inside.find_first_not_of("0123456789.") == std::string_view::npos &&
                       inside.find('.') != std::string_view::npos;
  if (!seconds && !has_shape(inside, "aaa aaa  0 00:00:00 0000")) return std::nullopt;
  return line.substr(end + 2);
}

void remove_times(PastedLine& line) {
  auto text = without_blanks_in_front(line.text);
  if (has_shape(text, "<0>")) text.remove_prefix(3);
  if (const auto rest = behind_time(text)) {
    text = without_program(*rest);
    line.text = text;
  }
  if (const auto rest = behind_kernel_time(without_blanks_in_front(text))) {
    line.text = *rest;
    line.from_kernel_log = true;
  }
}

}  // namespace

std::vector<PastedLine> pasted_lines(std::string_view plain) {
  std::vector<PastedLine> lines;
  std::size_t number = 0;
  for (const auto line : split_lines(plain)) {
    lines.push_back({without_blanks_behind(without_quotation(line)), ++number, false});
  }
  remove_numbers(lines);
  for (auto& line : lines) {
    line.text = without_bullet(without_quotation(line.text));
    remove_times(line);
  }
  return lines;
}

}  // namespace ballast::offline
