#include "tests/e2e/harness/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>

namespace ballast::e2e {

namespace {

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What makes a program believe in another wall clock. AddressSanitizer wants to be the first
// library loaded, without need.
std::vector<std::string> clock_settings(const Workspace& workspace, const RunOptions& options) {
  std::vector<std::string> settings;
  if (options.now) {
    const auto ahead = std::chrono::floor<std::chrono::seconds>(*options.now - now_utc());
    settings.push_back(fmt::format("BALLAST_TEST_CLOCK_AHEAD={}", ahead.count() + 1));
  }
  if (!options.clock_jump.empty()) {
    settings.push_back("BALLAST_TEST_CLOCK_JUMP=" + workspace.path(options.clock_jump));
  }
  if (settings.empty()) return settings;
  settings.emplace_back("LD_PRELOAD=" BALLAST_SHIFTED_CLOCK);
  settings.emplace_back("ASAN_OPTIONS=verify_asan_link_order=0");
  return settings;
}

pid_t spawn_ballast(const std::vector<std::string>& arguments, const std::string& out,
                    const std::string& err, const std::vector<std::string>& settings,
                    std::vector<std::string> words = {}) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), kWrite, 0600);
  words.emplace_back(BALLAST_PROGRAM);
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto environment = settings;
  for (char** setting = environ; *setting != nullptr; ++setting) environment.emplace_back(*setting);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, words.front().c_str(), &actions, nullptr,
                                pointers_to(words).data(), pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(error, 0) << "starting " << BALLAST_PROGRAM;
  return error == 0 ? pid : -1;
}

// Sets the exit code and the memory used.
void wait_for(pid_t pid, const RunOptions& options, RunResult& result) {
  const auto deadline = std::chrono::steady_clock::now() + options.limit;
  int status = 0;
  rusage used{};
  while (wait4(pid, &status, WNOHANG, &used) == 0) {
    if (options.while_running) options.while_running(pid);
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "ballast did not end within " << options.limit.count() << " s";
      kill(pid, SIGKILL);
      waitpid(pid, &status, 0);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.peak_rss_kib = used.ru_maxrss;
}

}  // namespace

Workspace::Workspace() {
  std::string name = (std::filesystem::temp_directory_path() / "ballast-e2e-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  root_ = name;
}

Workspace::~Workspace() { std::filesystem::remove_all(root_); }

void Workspace::write(const std::string& name, const std::string& text, int mode) const {
  std::ofstream(root_ / name, std::ios::binary) << text;
  chmod(path(name).c_str(), static_cast<mode_t>(mode));
}

std::string Workspace::read(const std::string& name) const { return slurp(root_ / name); }

RunResult run_ballast(const Workspace& workspace, const std::vector<std::string>& arguments,
                      const RunOptions& options) {
  RunResult result;
  auto settings = clock_settings(workspace, options);
  settings.insert(settings.end(), options.environment.begin(), options.environment.end());
  const pid_t pid = spawn_ballast(arguments, workspace.path("stdout"), workspace.path("stderr"),
                                  settings, options.wrapper);
  if (pid < 0) return result;
  wait_for(pid, options, result);
  result.out = workspace.read("stdout");
  result.err = workspace.read("stderr");
  return result;
}

BackgroundBallast::BackgroundBallast(const Workspace& workspace,
                                     const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& environment)
    : workspace_(workspace), name_("background") {
  pid_ = spawn_ballast(arguments, workspace.path(name_ + ".out"), workspace.path(name_ + ".err"),
                       environment);
}

BackgroundBallast::~BackgroundBallast() {
  if (!is_running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool BackgroundBallast::is_running() {
  if (pid_ < 0 || status_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == 0) return true;
  status_ = status;
  return false;
}

void BackgroundBallast::signal(int number) const {
  if (pid_ > 0 && !status_) kill(pid_, number);
}

RunResult BackgroundBallast::wait(std::chrono::seconds limit) {
  if (!eventually([&] { return !is_running(); }, limit)) {
    ADD_FAILURE() << "ballast did not end within " << limit.count() << " s: " << err();
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    status_ = status;
  }
  const int status = status_.value_or(-1);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, workspace_.read(name_ + ".out"), err()};
}

std::string BackgroundBallast::err() const { return workspace_.read(name_ + ".err"); }

bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

void age_left_overs(const lab::Lab& lab) {
  const auto an_hour_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  const nlohmann::json truth = lab.get("/truth");
  for (const auto& vm : truth["vms"]) {
    const std::filesystem::path folder = vm["tree"].get<std::string>() + "/tmp";
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      std::filesystem::last_write_time(file.path(), an_hour_ago);
    }
  }
}

void write_config(const Workspace& workspace, const lab::Lab& lab, const ConfigOptions& options) {
  const auto& ready = lab.ready();
  workspace.write("vcenter.password", options.password.empty() ? ready.password : options.password);
  workspace.write("guest.password", ready.guest_password);
  const std::string trust =
      options.trust.empty() ? fmt::format("ca_file = \"{}\"", ready.ca_file) : options.trust;
  const std::string by_password = fmt::format("username = \"{}\"\npassword_file = \"{}\"",
                                              ready.username, workspace.path("vcenter.password"));
  workspace.write(
      "ballast.toml",
      fmt::format("[[vcenter]]\nname = \"lab\"\nurl = \"{}\"\n{}\n{}\n{}\n"
                  "[guest]\nusername = \"{}\"\npassword_file = \"{}\"\n{}\n"
                  "[storage]\npath = \"{}\"\n{}\n",
                  options.url.empty() ? ready.url : options.url,
                  options.login.empty() ? by_password : options.login, trust, options.vcenter_keys,
                  ready.guest_username, workspace.path("guest.password"), options.guest_keys,
                  workspace.path("ballast.db"), options.more));
}

std::vector<std::string> with_config(const Workspace& workspace,
                                     std::vector<std::string> arguments) {
  std::vector<std::string> all = {"--config", workspace.path("ballast.toml")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

nlohmann::json run_json(const Workspace& workspace, std::vector<std::string> arguments,
                        int expected_exit_code, const RunOptions& options) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const auto result = run_ballast(workspace, with_config(workspace, std::move(arguments)), options);
  EXPECT_EQ(result.exit_code, expected_exit_code) << result.err;
  auto json = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << "not JSON: " << result.out.substr(0, 500);
  return json;
}

nlohmann::json scenario(const std::string& name) {
  const auto path = std::filesystem::path(BALLAST_SOURCE_DIR) / "tests/lab/scenarios" / name;
  return nlohmann::json::parse(slurp(path));
}

}  // namespace ballast::e2e
