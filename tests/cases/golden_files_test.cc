// Files of expected output that nobody compares with any more would rot unseen.
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "tests/cases/case_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::cases {
namespace {

namespace fs = std::filesystem;

const std::string kTests = std::string(BALLAST_SOURCE_DIR) + "/tests/";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

// How often a case or a test in C++ names each file of tests/golden.
std::map<std::string, std::size_t> uses_of_golden_files() {
  std::map<std::string, std::size_t> uses;
  for (const auto& entry : fs::directory_iterator(kTests + "golden")) {
    uses[entry.path().filename()] = 0;
  }
  for (const auto& entry : fs::directory_iterator(kTests + "cases")) {
    if (entry.path().extension() != ".cases") continue;
    const auto cases = parse_cases(entry.path(), storage::read_file(entry.path()));
    if (!cases) continue;
    for (const auto& one : *cases) {
      if (!one.out.golden.empty()) ++uses[one.out.golden];
    }
  }
  for (const auto& entry : fs::recursive_directory_iterator(kTests + "cli")) {
    if (!entry.is_regular_file()) continue;
    const auto text = storage::read_file(entry.path());
    for (auto& [name, times] : uses) times += count(text, '"' + name + '"');
  }
  return uses;
}

TEST(GoldenFiles, EachIsOfOneCaseOrTest) {
  for (const auto& [name, uses] : uses_of_golden_files()) EXPECT_EQ(uses, 1U) << name;
}

}  // namespace
}  // namespace ballast::cases
