#include "tests/cli/golden.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace ballast::cli {

namespace {

std::string visible(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\x1b') {
      out += "\\e";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Lines that only one side has, after the beginning and the end that both share.
std::string difference(const std::string& expected, const std::string& actual) {
  const auto a = lines_of(expected);
  const auto b = lines_of(actual);
  const auto first = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto last = std::mismatch(a.rbegin(), std::make_reverse_iterator(first.first), b.rbegin(),
                                  std::make_reverse_iterator(first.second));
  std::string out = "at line " + std::to_string(first.first - a.begin() + 1) + ":\n";
  for (auto it = first.first; it != last.first.base(); ++it) out += "- " + *it + "\n";
  for (auto it = first.second; it != last.second.base(); ++it) out += "+ " + *it + "\n";
  return out;
}

}  // namespace

testing::AssertionResult matches_golden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(BALLAST_SOURCE_DIR) + "/tests/golden/" + name;
  const std::string shown = visible(actual);
  if (std::getenv("BALLAST_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << shown;
    return testing::AssertionSuccess() << name << " rewritten";
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return testing::AssertionFailure() << path << " is missing; BALLAST_UPDATE_GOLDEN=1 writes it";
  }
  std::ostringstream expected;
  expected << in.rdbuf();
  if (expected.str() == shown) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "differs from tests/golden/" << name << " " << difference(expected.str(), shown)
         << "BALLAST_UPDATE_GOLDEN=1 accepts the new output";
}

}  // namespace ballast::cli
