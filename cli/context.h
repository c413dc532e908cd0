// What every command gets: the terminal, the time, the common flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/verdict.h"
#include "output/terminal.h"

namespace CLI {
class App;
}

namespace ballast::cli {

enum ExitCode { kExitDone = 0, kExitFailed = 1, kExitUsage = 2, kExitPartial = 3 };

enum class Format { kTable, kJson, kCsv };

struct CommonOptions {
  std::string config_path;    // --config; "" if not given
  std::string database_path;  // --db; "" if not given
  int verbose = 0;            // how often --verbose was given
  bool quiet = false;
};

// Lives as long as the program's run_app().
struct Context {
  output::Terminal& terminal;
  UtcTime now{};  // when the program was started
  CommonOptions common = {};
  std::function<int()> action = {};  // what the command line asked for; set while it is parsed
};

// Adds one command to the application: its flags, its help, and a callback that sets
// Context::action. The context outlives the application.
using AddCommand = void (*)(CLI::App& app, Context& context);

// Parses the arguments (without the program's name), runs the command and returns its exit code.
// --help and --version go to stdout (0); usage errors are one line on stderr (2).
int run_app(const std::vector<AddCommand>& commands, const std::vector<std::string>& arguments,
            output::Terminal& terminal, UtcTime now);

// --config, --db, --verbose, --quiet; on the application and on each command, so that they may
// stand before or after the command's name.
void add_common_flags(CLI::App& command, CommonOptions& options);
void add_format_flag(CLI::App& command, Format& format);
// A flag whose value is one of `words`; `chosen` gets the index. Help calls the value `value`, or
// names the words where it is "".
void add_choice_flag(CLI::App& command, const std::string& name,
                     const std::vector<std::string>& words,
                     const std::function<void(std::size_t)>& chosen, const std::string& description,
                     const std::string& value = "");
// A flag whose value is a time: "7d", "24h" (before `now`) or ISO 8601.
void add_time_flag(CLI::App& command, const std::string& name, std::optional<UtcTime>& time,
                   UtcTime now, const std::string& description);
// A flag whose value is a memory size: "64MiB", "1.5GiB".
void add_size_flag(CLI::App& command, const std::string& name, std::optional<std::int64_t>& kib,
                   const std::string& description);
// --verdict, a list of verdicts.
void add_verdict_flag(CLI::App& command, std::vector<model::Verdict>& verdicts,
                      const std::string& description);
// A flag whose value is a number of things, at least 1.
void add_count_flag(CLI::App& command, const std::string& name, std::size_t& count,
                    const std::string& description);

// Prints `error` and returns the exit code for it: kExitUsage for kInvalidArgument and kConfig,
// else kExitFailed.
int report_failure(output::Terminal& terminal, const Error& error);

// The last step of a command that printed to stdout: `exit_code`, or kExitFailed with a message if
// the output did not arrive – unless it went to a pipe whose reader has left.
int finish_output(output::Terminal& terminal, int exit_code);

}  // namespace ballast::cli
