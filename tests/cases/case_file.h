// Cases of the command line as data. README.md tells the form of their files.
#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ballast::cases {

using Words = std::vector<std::string>;  // of a command line

// What one stream has to hold. Without any of the three: nothing.
struct Expected {
  std::string golden;                // a file of tests/golden; "" if none
  std::optional<std::string> text;   // all of it, ESC as "\e" and CR as "\r"
  std::vector<std::string> matches;  // regular expressions that are found in it

  [[nodiscard]] bool empty() const { return golden.empty() && !text && matches.empty(); }
};

// The terminal at standard output; standard error is always a pipe.
struct Tty {
  std::size_t width = 0;  // columns; 0: it is a pipe
  bool colour = false;
  bool unicode = true;
};

struct Case {
  std::string path;  // of its file
  int line = 0;      // of NAME
  std::string name;
  std::string store;                                       // "" if there is none
  std::vector<std::pair<std::string, std::string>> files;  // name, text
  Tty tty;
  std::vector<std::pair<std::string, std::string>> environment;  // name, value
  std::vector<Words> before;  // commands that have to succeed first
  Words run;                  // with "ballast" in front
  int exit_code = 0;
  Expected out;
  Expected err;
  std::vector<std::pair<std::string, std::string>> replace;  // regular expression, text
};

// Returns the cases of a file with that text, in order. Errors: kParse with "path:line: " in front
// for whatever is not as README.md tells.
[[nodiscard]] Result<std::vector<Case>> parse_cases(const std::string& path, std::string_view text);

// Returns the words of a command line as a shell would split it: blanks between words, '…' as it
// is, "…" with \" \\ \n \r \e in it. Errors: kParse for a quote that is left open.
[[nodiscard]] Result<Words> split_words(std::string_view line);

// Throws std::regex_error for what is no regular expression (ECMAScript, ^ and $ at each line).
[[nodiscard]] std::regex pattern(const std::string& expression);

}  // namespace ballast::cases
