// A bit that flips anywhere in the file: every reading command says what it said before, or that the
// database is damaged. Never anything else.
#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "cli/commands/commands.h"
#include "storage/database_file.h"
#include "tests/fixtures/export_fixture.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;

namespace {

constexpr int kFlips = 150;

// What a command wrote, and how it ended.
struct Said {
  int exit_code = 0;
  std::string out;
};

const std::vector<std::vector<std::string>>& commands() {
  static const std::vector<std::vector<std::string>> kCommands = {
      {"report", "--all", "--format", "json"},
      {"report", "--all", "--at", "2026-09-24T00:30:00Z", "--format", "json"},
      {"report", "--since", "2026-09-24T12:00:00Z", "--format", "json"},
      {"vm", "vm-1", "--since", "2026-09-01", "--format", "json"},
      {"vm", "vm-20", "--since", "2026-09-01", "--format", "csv"},
      {"export", "samples"},
      {"export", "hourly"},
      {"export", "daily"},
      {"export", "hosts"}};
  return kCommands;
}

Said run_command(std::vector<std::string> arguments, const std::string& path) {
  CapturedTerminal terminal;
  arguments.insert(arguments.end(), {"--db", path});
  const UtcTime now = storage::kMidnight + std::chrono::days(2);
  const int code = run_app({add_report_command, add_vm_command, add_export_command}, arguments,
                           terminal.terminal, now);
  return {code, terminal.out()};
}

std::vector<Said> run_commands(const std::string& path) {
  std::vector<Said> all;
  for (const auto& command : commands()) all.push_back(run_command(command, path));
  return all;
}

TEST(DamagedDatabase, AFlippedBitChangesNoAnswer) {
  const storage::TempDir dir;
  {
    auto store = storage::must(storage::Store::open(dir.path()));
    write_hostile_fleet(*store);
    storage::must(store->roll_up());
  }
  const std::string sound = storage::read_file(dir.path());
  const auto expected = run_commands(dir.path());
  for (const auto& said : expected) ASSERT_NE(said.out, "");
  std::mt19937_64 random(20'261'128);
  int noticed = 0;
  for (int flip = 0; flip < kFlips; ++flip) {
    const storage::TempDir other;
    std::string broken = sound;
    const std::size_t bit = random() % (broken.size() * 8);
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << bit % 8));
    storage::write_file(other.path(), broken);
    bool is_refused = false;
    for (std::size_t i = 0; i < commands().size(); ++i) {
      const Said said = run_command(commands()[i], other.path());
      const bool failed = said.exit_code == kExitFailed;
      is_refused = is_refused || failed;
      // An export is on its way when it meets the damage; its exit code says so.
      if (failed) continue;
      EXPECT_EQ(said.exit_code, expected[i].exit_code) << "bit " << bit;
      const auto [ours, theirs] = std::mismatch(said.out.begin(), said.out.end(),
                                                expected[i].out.begin(), expected[i].out.end());
      EXPECT_TRUE(ours == said.out.end() && theirs == expected[i].out.end())
          << "bit " << bit << " changed what `" << commands()[i].front() << "` says: "
          << std::string(ours, ours + std::min<std::ptrdiff_t>(60, said.out.end() - ours))
          << "\nin place of "
          << std::string(theirs,
                         theirs + std::min<std::ptrdiff_t>(60, expected[i].out.end() - theirs));
    }
    const auto health = storage::check_database(other.path());
    const bool found = !health || !health->ok;
    EXPECT_TRUE(found || !is_refused) << "bit " << bit << " is refused by a reader, and sound?";
    if (found) ++noticed;
  }
  // Most of what is not noticed lies in free space, which nobody reads.
  EXPECT_GT(noticed, kFlips / 3);
}

}  // namespace
}  // namespace ballast::cli
