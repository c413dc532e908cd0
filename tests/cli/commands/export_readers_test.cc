// What others read in an export: Python's csv module, which pandas-like readers follow, and
// LibreOffice. Neither may lose a cell, take text for a formula or a number for text.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <regex>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <spawn.h>

#include "tests/fixtures/export_fixture.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kPatience{120};

// Runs a program in a process group of its own, which is killed when it takes too long. The exit
// code; -1 if there is none.
int run_program(std::vector<std::string> words, const std::string& folder) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    const int log = ::open((folder + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class ExportReaders : public ExportFixture, public testing::WithParamInterface<const char*> {
 protected:
  ExportReaders() { write_fleet(); }

  static void SetUpTestSuite() { profile_ = std::make_unique<storage::TempDir>(); }
  static void TearDownTestSuite() { profile_.reset(); }

  // Exports to a file and gives its cells.
  std::vector<Cells> export_to(const std::string& file) {
    EXPECT_EQ(run({GetParam(), "--output", path(file)}), kExitDone) << err();
    return parse_csv(storage::read_file(path(file)));
  }
  void run_or_fail(const std::vector<std::string>& words) {
    ASSERT_EQ(run_program(words, path(".")), 0)
        << words.front() << " (scripts/packages installs it): " << storage::read_file(path("log"));
  }
  // LibreOffice, with a profile of the suite's own, which takes it seconds to make; it takes each of
  // `separators` ("44/59": , and ;) for one.
  void convert(const std::string& file, const std::string& filter,
               const std::string& separators = "44") {
    run_or_fail({"soffice", "-env:UserInstallation=file://" + profile_->path("profile"),
                 "--headless", "--norestore", "--infilter=CSV:" + separators + ",34,76,1",
                 "--convert-to", filter, "--outdir", path("converted"), path(file)});
  }

 private:
  static inline std::unique_ptr<storage::TempDir> profile_;
};

TEST_P(ExportReaders, PythonFindsTheSameCells) {
  const auto expected = export_to("export.csv");
  run_or_fail({"python3", "-c",
               "import csv, json, sys\n"
               "with open(sys.argv[1], newline='', encoding='utf-8', errors='strict') as file:\n"
               "    rows = list(csv.reader(file, strict=True))\n"
               "    json.dump(rows, open(sys.argv[2], 'w'))\n",
               path("export.csv"), path("cells.json")});
  const auto found = nlohmann::json::parse(storage::read_file(path("cells.json")));
  EXPECT_EQ(found.get<std::vector<Cells>>(), expected);
}

std::optional<double> as_number(const std::string& cell) {
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto parsed = std::from_chars(cell.data(), end, value);
  return !cell.empty() && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

bool is_number_column(const std::string& name) {
  static const std::set<std::string> others = {
      "scan_id",      "uptime_s",      "baseline_samples", "samples",
      "alloc_stalls", "oom_kills",     "lockstep_slope",   "lockstep_low",
      "vms",          "lockstep_high", "vms_on",           "overcommit_ratio"};
  return name.ends_with("_kib") || name.ends_with("_percent") || name.ends_with("_per_day") ||
         others.contains(name);
}

// LibreOffice runs every cell that begins with "=" in a CSV file, and writes results.
TEST_P(ExportReaders, LibreOfficeFindsTheSameCells) {
  const auto expected = export_to("export.csv");
  convert("export.csv", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false");
  std::string text = storage::read_file(path("converted/export.csv"));
  std::string with_crlf;
  for (const char c : text) with_crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto found = parse_csv(with_crlf);
  ASSERT_EQ(found.size(), expected.size()) << "rows were lost";
  for (std::size_t row = 0; row < found.size(); ++row) {
    ASSERT_EQ(found[row].size(), expected[row].size()) << "row " << row;
    for (std::size_t i = 0; i < found[row].size(); ++i) {
      const auto& name = expected[0][i];
      if (row > 0 && is_number_column(name)) {
        EXPECT_EQ(as_number(found[row][i]), as_number(expected[row][i]))
            << name << " of row " << row;
      } else {
        EXPECT_EQ(found[row][i], expected[row][i]) << name << " of row " << row;
      }
    }
  }
}

// How many cells of a flat spreadsheet have such a type; neighbours that are alike are one element.
std::size_t cells_of_type(const std::string& sheet, const std::string& type) {
  static const std::regex repeated("number-columns-repeated=\"([0-9]+)\"");
  constexpr std::string_view kCell = "<table:table-cell";
  std::size_t cells = 0;
  for (auto at = sheet.find(kCell); at != std::string::npos; at = sheet.find(kCell, at + 1)) {
    const std::string element = sheet.substr(at, sheet.find('>', at) - at);
    if (element.find("office:value-type=\"" + type + "\"") == std::string::npos) continue;
    std::smatch times;
    cells += std::regex_search(element, times, repeated) ? std::stoul(times[1]) : 1;
  }
  return cells;
}

TEST_P(ExportReaders, LibreOfficeSeesNumbersAndNoFormula) {
  const auto cells = export_to("export.csv");
  std::size_t numbers = 0;
  for (std::size_t row = 1; row < cells.size(); ++row) {
    for (std::size_t i = 0; i < cells[row].size(); ++i) {
      numbers += is_number_column(cells[0][i]) && !cells[row][i].empty();
    }
  }
  ASSERT_GT(numbers, cells.size());
  convert("export.csv", "fods");
  const std::string sheet = storage::read_file(path("converted/export.fods"));
  EXPECT_THAT(sheet, Not(HasSubstr("table:formula")));
  EXPECT_THAT(sheet, Not(HasSubstr("table:number-rows-repeated=\"2\""))) << "no two rows are alike";
  EXPECT_EQ(cells_of_type(sheet, "float"), numbers);
  EXPECT_EQ(cells_of_type(sheet, "date"), 0U);
  EXPECT_EQ(cells_of_type(sheet, "boolean"), 0U);
}

// Where the comma is the decimal point, spreadsheets take ";" for the separator.
TEST_P(ExportReaders, LibreOfficeSeesNoFormulaWhateverItTakesForTheSeparator) {
  const auto cells = export_to("export.csv");
  for (const std::string separators : {"59", "9", "124", "44/59/9/124"}) {
    convert("export.csv", "fods", separators);
    const std::string sheet = storage::read_file(path("converted/export.fods"));
    EXPECT_GE(cells_of_type(sheet, "string"), cells.size()) << separators;
    EXPECT_THAT(sheet, Not(HasSubstr("table:formula"))) << separators;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExportReaders,
                         testing::Values("samples", "hourly", "daily", "hosts"));

}  // namespace
}  // namespace ballast::cli
