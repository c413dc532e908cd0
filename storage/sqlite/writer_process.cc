#include "storage/sqlite/writer_process.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include "base/text.h"

namespace ballast::storage {
namespace {

struct ProcessStat {
  bool readable = false;
  char state = '?';
  std::int64_t start_ticks = 0;
};

// proc(5): "pid (comm) state ppid …", the start time being field 22. The name may hold anything,
// parentheses and spaces included, so the fields are counted from the last ')'.
ProcessStat read_stat(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return {};

  std::istringstream fields(text.substr(end_of_name + 1));
  ProcessStat stat;
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  fields >> stat.start_ticks;
  stat.readable = !fields.fail();
  return stat;
}

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

WriterProcess this_process() {
  const auto pid = static_cast<std::int64_t>(::getpid());
  return WriterProcess{pid, read_boot_id(), read_stat(pid).start_ticks};
}

bool is_running(const WriterProcess& process) {
  const std::string boot_id = read_boot_id();
  if (!boot_id.empty() && !process.boot_id.empty() && boot_id != process.boot_id) return false;
  // 0 and negative numbers mean process groups to kill().
  if (process.pid <= 0 || process.pid > std::numeric_limits<pid_t>::max()) return false;
  if (::kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == ESRCH) return false;
  const ProcessStat stat = read_stat(process.pid);
  if (!stat.readable) return true;
  if (stat.state == 'Z' || stat.state == 'X') return false;
  return process.start_ticks == 0 || stat.start_ticks == process.start_ticks;
}

std::string command_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  return command_in(std::string((std::istreambuf_iterator<char>(file)), {}));
}

std::string command_in(std::string_view command_line) {
  constexpr std::size_t kMostBytes = 40;
  // proc(5): words that end in NUL each.
  const auto next_word = [&command_line] {
    const std::string_view word = command_line.substr(0, command_line.find('\0'));
    command_line.remove_prefix(std::min(word.size() + 1, command_line.size()));
    return word;
  };
  std::string_view program = next_word();
  program.remove_prefix(program.find_last_of('/') + 1);
  std::string words = printable(program, kMostBytes);

  // Of the arguments only the sub-commands that write are shown: the others are nobody's business.
  constexpr std::array<std::string_view, 3> kWriters = {"scan", "collect", "db"};
  while (!command_line.empty()) {
    const std::string_view argument = next_word();
    const auto* found = std::find(kWriters.begin(), kWriters.end(), argument);
    if (found != kWriters.end()) return words.append(" ").append(*found);
  }
  return words;
}

}  // namespace ballast::storage
