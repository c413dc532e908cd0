#include "tests/accuracy/probe_runner.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include <spawn.h>

#include "collector/probe_script.h"

namespace ballast::test {

namespace {

constexpr std::size_t kMaxOutput = 4 * 1024 * 1024;
constexpr const char* kBusybox = "/usr/bin/busybox";
constexpr const char* kDash = "/bin/dash";
constexpr const char* kBash = "/bin/bash";

// A folder in which every command of the probe is busybox.
class BusyboxPath {
 public:
  BusyboxPath() {
    std::string name = std::filesystem::temp_directory_path() / "ballast-busybox-XXXXXX";
    path_ = mkdtemp(name.data());
    for (const auto* applet : {"sh", "awk", "date", "find", "id", "printf", "rm"}) {
      std::filesystem::create_symlink(kBusybox, path_ / applet);
    }
  }
  ~BusyboxPath() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BusyboxPath(const BusyboxPath&) = delete;
  BusyboxPath& operator=(const BusyboxPath&) = delete;

  [[nodiscard]] std::string string() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    if (text.size() < kMaxOutput) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ProbeRun run(const std::vector<std::string>& arguments, const std::string& root,
             const std::string& path, const std::string& file) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  auto words = arguments;
  std::vector<std::string> environment = {"BALLAST_ROOT=" + root, "BALLAST_FILE=" + file,
                                          "PATH=" + path};
  pid_t child = -1;
  const int failed = posix_spawn(&child, words[0].c_str(), &actions, nullptr,
                                 pointers(words).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  ProbeRun result;
  result.output = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  if (failed == 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)) {
    result.exit_status = WEXITSTATUS(status);
  }
  return result;
}

ProbeRun run_probe(GuestShell shell, const std::string& root, const std::string& file) {
  static const BusyboxPath busybox;
  const std::string script(collector::kProbeScript);
  if (shell == GuestShell::kBusybox) {
    return run({kBusybox, "sh", "-c", script}, root, busybox.string(), file);
  }
  const char* path = shell == GuestShell::kDash ? kDash : kBash;
  return run({path, "-c", script}, root, "/usr/bin:/bin", file);
}

}  // namespace ballast::test
