#include "collector/config/secret_source.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include <errno.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>

#include "base/text.h"
#include "base/trusted_file.h"

namespace ballast::collector {

namespace {

struct FormRules {
  std::string_view name;
  std::size_t max_bytes;
  bool is_one_line;
};

constexpr FormRules rules_of(SecretForm form) {
  constexpr std::size_t kKib = 1024;
  switch (form) {
    case SecretForm::kToken:
      return {"token", 256 * kKib, false};
    case SecretForm::kKey:
      return {"key", 64 * kKib, false};
    case SecretForm::kPassword:
      break;
  }
  return {"password", 4 * kKib, true};
}

constexpr std::chrono::seconds kCommandTimeout{30};

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  void reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Reserves enough that the text never grows: growing would leave copies of the secret behind.
std::string empty_buffer(const FormRules& rules) {
  std::string text;
  text.reserve(rules.max_bytes + 4096);
  return text;
}

// Takes what the form asks for out of `text` and wipes the rest.
Result<Secret> taken(std::string text, const FormRules& rules, const std::string& source) {
  Secret secret(rules.is_one_line ? text.substr(0, text.find_first_of("\r\n")) : text);
  wipe(text);
  if (!secret.empty()) return secret;
  return fail(ErrorCode::kConfig, fmt::format("{} gives an empty {}", source, rules.name),
              rules.is_one_line ? "write the password as its first line" : "");
}

// Appends what can be read now. Returns false at the end, on error, and when there is too much.
bool read_some(int fd, const FormRules& rules, std::string& text) {
  std::array<char, 512> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  explicit_bzero(buffer.data(), buffer.size());
  return count > 0 && text.size() <= rules.max_bytes;
}

Result<Secret> read_file(const std::string& path, const FormRules& rules) {
  const TrustedFile file{fmt::format("the {} file", rules.name), path, true};
  auto text = read_trusted_file(file);
  if (!text) return fail(std::move(text.error()));
  const std::string source = fmt::format("{} file {}", rules.name, printable(path));
  if (!rules.is_one_line && text->size() > rules.max_bytes) {
    wipe(*text);
    return fail(ErrorCode::kConfig,
                fmt::format("{} holds no {}: it is too large", source, rules.name),
                "name the right file");
  }
  return taken(std::move(*text), rules, source);
}

Result<Secret> read_environment(const std::string& variable, const FormRules& rules) {
  const char* value = getenv(variable.c_str());
  const std::string source = fmt::format("environment variable {}", variable);
  if (value == nullptr) return fail(ErrorCode::kConfig, source + " is not set");
  return taken(value, rules, source);
}

using SteadyTime = std::chrono::steady_clock::time_point;

// Reads to the end of the pipe. Returns false when the deadline passes or too much comes first.
bool read_to_end(int fd, const FormRules& rules, std::string& text, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || text.size() > rules.max_bytes) return false;
    pollfd ready{fd, POLLIN, 0};
    const int events = poll(&ready, 1, static_cast<int>(left.count()));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) return false;
    if (!read_some(fd, rules, text) && text.size() <= rules.max_bytes) return true;
  }
}

// Returns the exit status as waitpid gives it. At the deadline the whole process group is killed:
// the shell may have started others.
int wait_for_exit(pid_t pid, SteadyTime deadline) {
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) kill(-pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return status;
}

// Returns the environment without those variables, as pointers into `environ`.
std::vector<char*> environment_without(const std::vector<std::string>& hidden) {
  std::vector<char*> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view setting(*entry);
    const auto name = setting.substr(0, setting.find('='));
    if (std::find(hidden.begin(), hidden.end(), name) == hidden.end()) kept.push_back(*entry);
  }
  kept.push_back(nullptr);
  return kept;
}

// Gives the shell a process group of its own, and signals as a shell expects them, whatever this
// program blocks or ignores.
void set_attributes(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// Starts `/bin/sh -c command` with its output going to `out`.
Result<pid_t> start_shell(const std::string& command, const std::vector<std::string>& hidden,
                          int out) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  set_attributes(attributes);
  std::string text = command;
  std::string shell = "sh";
  std::string option = "-c";
  std::array<char*, 4> argv = {shell.data(), option.data(), text.data(), nullptr};
  auto environment = environment_without(hidden);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(ErrorCode::kConfig, strerror(error));
  return pid;
}

Result<Secret> read_command(const std::string& command, const std::vector<std::string>& hidden,
                            const FormRules& rules) {
  const std::string source = fmt::format("{} command `{}`", rules.name, command);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::kConfig, fmt::format("{}: {}", source, strerror(errno)));
  }
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  const auto pid = start_shell(command, hidden, writer.get());
  // Only the shell may hold the pipe's end now, or reading would never come to an end.
  writer.reset();
  if (!pid) return fail(during(pid.error(), source));

  const SteadyTime deadline = std::chrono::steady_clock::now() + kCommandTimeout;
  std::string text = empty_buffer(rules);
  const bool whole = read_to_end(reader.get(), rules, text, deadline);
  if (!whole) kill(-*pid, SIGKILL);
  const int status = wait_for_exit(*pid, deadline);
  if (whole && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return taken(std::move(text), rules, source);
  }
  wipe(text);
  const std::string problem =
      !whole ? fmt::format("printed too much, or for more than {} s", kCommandTimeout.count())
      : WIFEXITED(status) ? fmt::format("exited with status {}", WEXITSTATUS(status))
                          : "was ended by a signal";
  return fail(ErrorCode::kConfig, fmt::format("{} {}", source, problem),
              "run it by hand as this user");
}

}  // namespace

std::optional<UtcTime> changed_at(const SecretSource& source) {
  struct stat status {};
  if (source.kind != SecretSource::Kind::kFile || stat(source.value.c_str(), &status) != 0) {
    return std::nullopt;
  }
  // The time of modification would be the old one's where another file was moved here.
  return UtcTime(std::chrono::seconds(status.st_ctim.tv_sec)) +
         std::chrono::milliseconds(status.st_ctim.tv_nsec / 1'000'000);
}

Result<Secret> read_secret(const SecretSource& source, SecretForm form) {
  const auto rules = rules_of(form);
  switch (source.kind) {
    case SecretSource::Kind::kFile:
      return read_file(source.value, rules);
    case SecretSource::Kind::kEnvironment:
      return read_environment(source.value, rules);
    case SecretSource::Kind::kCommand:
      return read_command(source.value, source.hidden, rules);
    case SecretSource::Kind::kGiven:
      return source.given;
    case SecretSource::Kind::kNone:
      break;
  }
  return fail(ErrorCode::kConfig, "no password is configured",
              "set password_file, password_env or password_command");
}

}  // namespace ballast::collector
