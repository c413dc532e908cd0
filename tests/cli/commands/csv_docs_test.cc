// docs/CSV.md describes every column that the program writes, in its order, and no other.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/text.h"
#include "cli/commands/export_command.h"
#include "fleet/report.h"
#include "model/figures.h"
#include "tests/fixtures/export_fixture.h"
#include "tests/fixtures/printed.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

// The first cells, `like this`, of the table rows below "## <title>".
Cells documented(const std::string& title) {
  const std::string text = storage::read_file(std::string(BALLAST_SOURCE_DIR) + "/docs/CSV.md");
  Cells names;
  bool inside = false;
  for (const auto line : split_lines(text)) {
    if (line.starts_with("## ")) inside = line == "## " + title;
    if (!inside || !line.starts_with("| `")) continue;
    for (auto cell = line.substr(2, line.find('|', 1) - 2); cell.find('`') != cell.npos;) {
      cell.remove_prefix(cell.find('`') + 1);
      names.emplace_back(cell.substr(0, cell.find('`')));
      cell.remove_prefix(cell.find('`') + 1);
    }
  }
  return names;
}

template <class Document>
Cells header_of(void (*print)(const Document&, std::ostream&), const Document& document = {}) {
  std::ostringstream out;
  print(document, out);
  const auto records = parse_csv(out.str());
  return records.empty() ? Cells() : records.front();
}

TEST(CsvDocs, NameEveryColumn) {
  EXPECT_EQ(documented("`ballast export samples`"), column_names(ExportKind::kSamples));
  EXPECT_EQ(documented("`ballast export hourly` and `daily`"), column_names(ExportKind::kHourly));
  EXPECT_EQ(column_names(ExportKind::kDaily), column_names(ExportKind::kHourly));
  EXPECT_EQ(documented("`ballast export hosts`"), column_names(ExportKind::kHosts));
  EXPECT_EQ(documented("`ballast report --format csv`"), header_of(print_report_csv));
  Report since;
  since.changes.emplace();
  EXPECT_EQ(documented("`ballast report --since --format csv`"),
            header_of(print_report_csv, since));
  EXPECT_EQ(documented("`ballast vm --format csv`"), header_of(print_vm_csv));
  EXPECT_EQ(documented("`ballast inspect --format csv`"), header_of(print_inspection_csv));
}

// The rows of the table of `export samples`, as the catalogue has them.
std::string sample_rows() {
  std::string rows;
  for (const auto& name : column_names(ExportKind::kSamples)) {
    const bool is_time = name.ends_with("_utc");
    const auto key = is_time ? name.substr(0, name.size() - 4) : name;
    rows += fmt::format("| `{}` | {} |\n", name, model::figure(key).meaning);
  }
  return rows;
}

// With BALLAST_UPDATE_GOLDEN=1 the page is rewritten.
TEST(CsvDocs, TheTableOfSamplesIsMadeFromTheCatalogue) {
  const std::string path = std::string(BALLAST_SOURCE_DIR) + "/docs/CSV.md";
  auto text = storage::read_file(path);
  const auto begin = text.find("| `scan_id` |");
  const auto end = text.find("\n\n", begin) + 1;
  const auto rows = sample_rows();
  if (std::getenv("BALLAST_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text.replace(begin, end - begin, rows);
    return;
  }
  EXPECT_EQ(text.substr(begin, end - begin), rows) << "BALLAST_UPDATE_GOLDEN=1 rewrites the page";
}

TEST(CsvDocs, NameEveryChange) {
  const auto text = storage::read_file(std::string(BALLAST_SOURCE_DIR) + "/docs/CSV.md");
  for (std::size_t i = 0; i < kChangeKinds; ++i) {
    const auto row = fmt::format("\n| {} |", to_string(static_cast<ChangeKind>(i)));
    EXPECT_THAT(text, testing::HasSubstr(row));
  }
}

TEST(CsvDocs, NamesAreWordsWithUnits) {
  for (const auto kind : {ExportKind::kSamples, ExportKind::kDaily, ExportKind::kHosts}) {
    for (const auto& name : column_names(kind)) {
      EXPECT_THAT(name, testing::MatchesRegex("[a-z0-9_]+"));
    }
  }
}

}  // namespace
}  // namespace ballast::cli
