// Each case of the files here is a test: <file>.<name>, with "_" for what is no letter or digit.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

#include "tests/cases/case_file.h"
#include "tests/cases/run_case.h"
#include "tests/fixtures/sample_stores.h"
#include "tests/fixtures/store_fixtures.h"

namespace {

using namespace ballast;

class CaseTest : public testing::Test {
 public:
  explicit CaseTest(cases::Case one) : case_(std::move(one)) {}
  void TestBody() override { cases::run_case(case_); }

 private:
  cases::Case case_;
};

std::string test_name(std::string name) {
  const auto odd = [](unsigned char c) { return std::isalnum(c) == 0; };
  std::replace_if(name.begin(), name.end(), odd, '_');
  return name;
}

void register_case(const std::string& suite, const cases::Case& one) {
  testing::RegisterTest(suite.c_str(), test_name(one.name).c_str(), nullptr, nullptr,
                        one.path.c_str(), one.line,
                        [one]() -> testing::Test* { return new CaseTest(one); });
}

// Returns what is wrong with a case beside its form; "" if nothing is.
std::string complaint(const cases::Case& one, std::set<std::string>& names) {
  if (!names.insert(test_name(one.name)).second) return "another case here is called alike";
  if (!one.store.empty() && !fixtures::is_store(one.store)) return "there is no store " + one.store;
  return {};
}

// Returns whether all of its cases are sound; says what is not.
bool register_file(const std::filesystem::path& path) {
  const auto cases = cases::parse_cases(path.string(), storage::read_file(path.string()));
  if (!cases) return std::cerr << cases.error().message << '\n', false;
  std::set<std::string> names;
  for (const auto& one : *cases) {
    const auto wrong = complaint(one, names);
    if (!wrong.empty()) {
      return std::cerr << one.path << ':' << one.line << ": " << wrong << '\n', false;
    }
    register_case(path.stem().string(), one);
  }
  return true;
}

// Some stores are hundreds of commits: not to wait for a disk each time, they are made in memory.
void prefer_memory() {
  constexpr const char* kMemory = "/dev/shm";
  if (::access(kMemory, W_OK) == 0) ::setenv("TMPDIR", kMemory, 0);
}

// The cases are the same for everybody, whatever configuration they have.
void forget_who_runs_them() {
  ::setenv("HOME", "/nobody", 1);
  for (const char* name :
       {"BALLAST_CONFIG", "XDG_CONFIG_HOME", "GOVC_URL", "GOVC_USERNAME", "GOVC_PASSWORD",
        "GOVC_INSECURE", "GOVC_TLS_CA_CERTS", "GOVC_TLS_KNOWN_HOSTS"}) {
    ::unsetenv(name);
  }
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  prefer_memory();
  forget_who_runs_them();
  bool sound = true;
  const std::string folder = std::string(BALLAST_SOURCE_DIR) + "/tests/cases";
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".cases") paths.insert(entry.path());
  }
  for (const auto& path : paths) sound = register_file(path) && sound;
  return sound ? RUN_ALL_TESTS() : 1;
}
