#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/process.h"
#include "output/terminal.h"

int main(int argc, char** argv) {
  using namespace ballast;
  cli::harden_process();
  const auto terminal = output::Terminal::of_process();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return cli::run_app(cli::every_command(), arguments, *terminal, now_utc());
}
