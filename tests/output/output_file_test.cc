// Links, errors and signals: tests/cli/output_file_test.cc.
#include "output/output_file.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "tests/fixtures/store_fixtures.h"
#include "tests/fixtures/sync_watch.h"

namespace ballast::output {
namespace {

using storage::must;
using storage::read_file;
using storage::TempDir;

// Each name that is brought to the disk, and what is in the target at that moment.
std::vector<std::string> synced_by(const std::function<void()>& job, const std::string& target) {
  std::vector<std::string> synced;
  const fixtures::SyncWatch watch([&](const std::string& path) {
    const auto name = std::filesystem::path(path).filename().string();
    synced.push_back(name + " while the target is " + read_file(target));
  });
  job();
  return synced;
}

TEST(OutputFile, IsOnTheDiskBeforeItTakesItsPlaceAndItsPlaceIsThen) {
  const TempDir dir;
  const std::string target = dir.path("a.csv");
  storage::write_file(target, "old");
  auto file = must(OutputFile::create(target));
  file->stream() << "new";
  const auto synced = synced_by([&] { must(file->commit()); }, target);
  const auto folder = std::filesystem::path(target).parent_path().filename().string();
  EXPECT_THAT(synced, testing::ElementsAre(testing::MatchesRegex("a\\.csv\\..*\\.part while the "
                                                                 "target is old"),
                                           folder + " while the target is new"));
}

}  // namespace
}  // namespace ballast::output
