// Help of the command line; what else it says is in tests/cases/app.cases.
#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/export_command.h"
#include "cli/commands/report_command.h"
#include "cli/commands/vm_command.h"
#include "cli/context.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
namespace {

TEST(App, HelpFitsAnOldTerminal) {
  for (const auto& arguments : {std::vector<std::string>{"--help"},
                                {"report", "-h"},
                                {"vm", "-h"},
                                {"export", "-h"},
                                {"db", "-h"},
                                {"db", "rejudge", "-h"}}) {
    CapturedTerminal captured;
    ASSERT_EQ(run_app({add_report_command, add_vm_command, add_export_command, add_db_command},
                      arguments, captured.terminal, sample_now()),
              kExitDone);
    const std::string help = captured.out();
    for (const auto line : split_lines(help)) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

}  // namespace
}  // namespace ballast::cli
