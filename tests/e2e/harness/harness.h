// Runs the real `ballast` program against the lab vCenter, as a user would.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/time.h"
#include "tests/lab/launcher.h"

namespace ballast::e2e {

// A folder of its own for one test, removed at the end.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  void write(const std::string& name, const std::string& text, int mode = 0600) const;
  [[nodiscard]] std::string read(const std::string& name) const;

 private:
  std::filesystem::path root_;
};

struct RunResult {
  int exit_code = -1;  // -1: ended by a signal, or killed at the limit
  std::string out;
  std::string err;
  long peak_rss_kib = 0;  // the most memory it had at a time
};

struct RunOptions {
  std::chrono::seconds limit{90};                   // then the program is killed and the test fails
  std::function<void(int pid)> while_running = {};  // called again and again while it runs
  std::optional<UtcTime> now = {};                  // what the program takes for the time
  // A file in the workspace: the seconds it holds, once it is there, the clock jumps ahead.
  std::string clock_jump = {};
  std::vector<std::string> wrapper = {};      // a program that runs the program it is given
  std::vector<std::string> environment = {};  // more of it: "NAME=value"
};

// Runs ballast with these arguments and waits for its end.
RunResult run_ballast(const Workspace& workspace, const std::vector<std::string>& arguments,
                      const RunOptions& options = {});

// ballast running beside the test, with more in its environment ("NAME=value"). Killed at the end
// of the test at the latest.
class BackgroundBallast {
 public:
  BackgroundBallast(const Workspace& workspace, const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment = {});
  ~BackgroundBallast();
  BackgroundBallast(const BackgroundBallast&) = delete;
  BackgroundBallast& operator=(const BackgroundBallast&) = delete;

  [[nodiscard]] int pid() const { return pid_; }
  [[nodiscard]] bool is_running();
  void signal(int number) const;
  // Its end, at most so long; then it is killed and the test fails.
  RunResult wait(std::chrono::seconds limit = std::chrono::seconds(30));
  // What it wrote to stderr so far.
  [[nodiscard]] std::string err() const;

 private:
  const Workspace& workspace_;
  std::string name_;  // of its output files
  int pid_ = -1;
  std::optional<int> status_;  // as waitpid() gives it
};

// Asks again and again, at most so long; whether it came true.
bool eventually(const std::function<bool()>& condition,
                std::chrono::seconds limit = std::chrono::seconds(60));

// Files that probes left in guests are old now, as they would be at the next visit in an hour.
void age_left_overs(const lab::Lab& lab);

// What differs from one configuration to the next.
struct ConfigOptions {
  std::string password = {};      // instead of the lab's
  std::string url = {};           // instead of the lab's
  std::string login = {};         // lines instead of user and password file
  std::string trust = {};         // instead of the lab's CA: a line such as `insecure = true`
  std::string vcenter_keys = {};  // more lines for [[vcenter]]
  std::string guest_keys = {};    // more lines for [guest]
  std::string more = {};          // sections at the end
};

// Writes ballast.toml and the password files for a lab; the database is ballast.db.
void write_config(const Workspace& workspace, const lab::Lab& lab,
                  const ConfigOptions& options = {});

// {"--config", …} followed by `arguments`.
std::vector<std::string> with_config(const Workspace& workspace,
                                     std::vector<std::string> arguments);

// Runs a command with --format json and parses what it prints.
nlohmann::json run_json(const Workspace& workspace, std::vector<std::string> arguments,
                        int expected_exit_code, const RunOptions& options = {});

// The scenario of that name in tests/lab/scenarios.
nlohmann::json scenario(const std::string& name);

}  // namespace ballast::e2e
