#include "tests/cases/case_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast::cases {

namespace {

constexpr int kMostExit = 3;

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'e':
      return '\x1b';
    default:
      return c;
  }
}

// Takes the rest of a word in quotes, `at` behind the first; false if they stay open.
bool take_quoted(std::string_view line, std::size_t& at, char quote, std::string& word) {
  for (; at < line.size(); ++at) {
    if (line[at] == quote) return ++at, true;
    const bool escape = quote == '"' && line[at] == '\\' && at + 1 < line.size();
    word += escape ? unescaped(line[++at]) : line[at];
  }
  return false;
}

std::vector<std::string_view> words_of(std::string_view value) {
  std::vector<std::string_view> words;
  while (!(value = trim(value)).empty()) {
    const auto end = std::min(value.find_first_of(" \t"), value.size());
    words.push_back(value.substr(0, end));
    value.remove_prefix(end);
  }
  return words;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool is_pattern(const std::string& expression) {
  try {
    return (void)pattern(expression), true;
  } catch (const std::regex_error&) {
    return false;
  }
}

// Reads line after line; what is wrong throws Wrong, with the line in `line_`.
class CaseReader {
 public:
  explicit CaseReader(const std::string& path, std::string_view text)
      : path_(path), lines_(split_lines(text)) {}

  Result<std::vector<Case>> read() {
    try {
      while (next_ < lines_.size()) take_line();
      finish_case();
      return std::move(cases_);
    } catch (const Wrong& wrong) {
      return fail(ErrorCode::kParse, fmt::format("{}:{}: {}", path_, wrong.line, wrong.what));
    }
  }

 private:
  struct Wrong {
    std::size_t line;
    std::string what;
  };
  using Take = void (CaseReader::*)(std::string_view value);

  [[noreturn]] void wrong(std::string what) const { throw Wrong{next_, std::move(what)}; }

  void take_line() {
    const std::string_view line = lines_[next_++];
    if (trim(line).empty() || line.starts_with('#')) return;
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    const auto key = line.substr(0, end);
    const auto& takers = keys();
    const auto taker = takers.find(key);
    if (taker == takers.end()) wrong(fmt::format("there is no key \"{}\"", printable(key, 40)));
    if (cases_.empty() && key != "NAME") wrong("a case begins with NAME");
    if (key != "NAME" && !taker->second.again && !seen_.insert(std::string(key)).second) {
      wrong(fmt::format("{} is there twice", key));
    }
    (this->*taker->second.take)(trim(line.substr(end)));
  }

  struct Key {
    Take take;
    bool again = false;  // may be there more than once
  };
  static const std::map<std::string_view, Key>& keys();

  Case& now() { return cases_.back(); }

  void take_name(std::string_view value) {
    finish_case();
    if (value.empty()) wrong("a case needs a name");
    if (!names_.insert(std::string(value)).second) wrong("another case here has that name");
    seen_.clear();
    cases_.emplace_back();
    now().path = path_;
    now().line = static_cast<int>(next_);
    now().name = value;
  }
  void take_store(std::string_view value) { now().store = one_word(value); }
  void take_file(std::string_view value) {
    const std::string name = one_word(value);
    now().files.emplace_back(name, take_block("FILE"));
  }
  void take_tty(std::string_view value) {
    const auto words = words_of(value);
    Tty tty{0, false, false};
    if (words.empty() || !read_number(words[0], tty.width) || tty.width == 0) {
      wrong("TTY is followed by the width of the terminal");
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "colour") {
        tty.colour = true;
      } else if (words[i] == "unicode") {
        tty.unicode = true;
      } else {
        wrong("a terminal has colour, unicode or neither");
      }
    }
    now().tty = tty;
  }
  void take_environment(std::string_view value) {
    const auto equals = value.find('=');
    if (equals == 0 || equals == std::string_view::npos) wrong("ENV is followed by NAME=VALUE");
    now().environment.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  }
  void take_before(std::string_view value) { now().before.push_back(command(value)); }
  void take_run(std::string_view value) { now().run = command(value); }
  void take_exit(std::string_view value) {
    int& code = now().exit_code;
    if (!read_number(value, code) || code < 0 || code > kMostExit) {
      wrong("EXIT is followed by 0, 1, 2 or 3");
    }
  }
  void take_golden(std::string_view value) { only(now().out).golden = one_word(value); }
  void take_out_text(std::string_view value) { take_text("EXPECT_TEXT", value, now().out); }
  void take_out_match(std::string_view value) { take_match(value, now().out); }
  void take_err_line(std::string_view value) { only(now().err).text = std::string(value) + "\n"; }
  void take_err_text(std::string_view value) { take_text("STDERR_TEXT", value, now().err); }
  void take_err_match(std::string_view value) { take_match(value, now().err); }
  void take_replace(std::string_view value) {
    constexpr std::string_view kArrow = " => ";
    const auto arrow = value.find(kArrow);
    if (arrow == std::string_view::npos) wrong("REPLACE is followed by EXPRESSION => TEXT");
    now().replace.emplace_back(expression(value.substr(0, arrow)),
                               value.substr(arrow + kArrow.size()));
  }

  void take_text(std::string_view key, std::string_view value, Expected& expected) {
    if (!value.empty()) wrong(fmt::format("the text begins on the line below {}", key));
    only(expected).text = take_block(key);
  }
  void take_match(std::string_view value, Expected& expected) {
    if (!expected.golden.empty() || expected.text) wrong("this stream is expected otherwise above");
    expected.matches.push_back(expression(value));
  }

  // The lines up to END.
  std::string take_block(std::string_view key) {
    const std::size_t begin = next_;
    std::string text;
    for (; next_ < lines_.size(); ++next_) {
      if (lines_[next_] == "END") return ++next_, text;
      text.append(lines_[next_]) += '\n';
    }
    next_ = begin;
    wrong(fmt::format("no END after this {}", key));
  }
  std::string one_word(std::string_view value) const {
    if (words_of(value).size() != 1) wrong("exactly one word is expected here");
    return std::string(value);
  }
  std::string expression(std::string_view value) const {
    std::string text(value);
    if (text.empty() || !is_pattern(text)) wrong("not a regular expression");
    return text;
  }
  Words command(std::string_view value) const {
    auto words = split_words(value);
    if (!words) wrong(words.error().message);
    if (words->empty() || words->front() != "ballast") wrong("the command is ballast");
    return std::move(*words);
  }
  // A stream is expected in one way.
  Expected& only(Expected& expected) const {
    if (!expected.empty()) wrong("this stream is expected otherwise above");
    return expected;
  }
  void finish_case() const {
    if (cases_.empty() || !cases_.back().run.empty()) return;
    throw Wrong{static_cast<std::size_t>(cases_.back().line), "the case has no RUN"};
  }

  std::string path_;
  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;  // behind the line that is looked at, so its number
  std::vector<Case> cases_;
  std::set<std::string> names_;
  std::set<std::string> seen_;  // keys of the case at hand
};

const std::map<std::string_view, CaseReader::Key>& CaseReader::keys() {
  static const std::map<std::string_view, Key> keys = {
      {"NAME", {&CaseReader::take_name, true}},
      {"STORE", {&CaseReader::take_store}},
      {"FILE", {&CaseReader::take_file, true}},
      {"TTY", {&CaseReader::take_tty}},
      {"ENV", {&CaseReader::take_environment, true}},
      {"BEFORE", {&CaseReader::take_before, true}},
      {"RUN", {&CaseReader::take_run}},
      {"EXIT", {&CaseReader::take_exit}},
      {"EXPECT", {&CaseReader::take_golden}},
      {"EXPECT_TEXT", {&CaseReader::take_out_text}},
      {"EXPECT_MATCH", {&CaseReader::take_out_match, true}},
      {"STDERR", {&CaseReader::take_err_line}},
      {"STDERR_TEXT", {&CaseReader::take_err_text}},
      {"STDERR_MATCH", {&CaseReader::take_err_match, true}},
      {"REPLACE", {&CaseReader::take_replace, true}},
  };
  return keys;
}

}  // namespace

std::regex pattern(const std::string& expression) {
  return std::regex(expression, std::regex::ECMAScript | std::regex::multiline);
}

Result<Words> split_words(std::string_view line) {
  Words words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != std::string_view::npos) {
    std::string word;
    while (at < line.size() && line[at] != ' ' && line[at] != '\t') {
      const char c = line[at++];
      if (c != '"' && c != '\'') {
        word += c;
      } else if (!take_quoted(line, at, c, word)) {
        return fail(ErrorCode::kParse, "a quote is left open");
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

Result<std::vector<Case>> parse_cases(const std::string& path, std::string_view text) {
  return CaseReader(path, text).read();
}

}  // namespace ballast::cases
