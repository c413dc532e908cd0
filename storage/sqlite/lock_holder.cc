#include "storage/sqlite/lock_holder.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "storage/sqlite/writer_process.h"

namespace ballast::storage {

long lock_holder_in(std::string_view locks, std::string_view device, unsigned long inode) {
  const std::string file = fmt::format("{}:{}", device, inode);
  std::istringstream lines{std::string(locks)};
  for (std::string line; std::getline(lines, line);) {
    // "1: POSIX  ADVISORY  WRITE 1234 08:01:131 120 120"; a line of a waiting process has "->".
    std::istringstream words(line);
    std::string number, kind, advice, access, where;
    long pid = 0;
    if (!(words >> number >> kind >> advice >> access >> pid >> where)) continue;
    if (access == "WRITE" && where == file && pid > 0) return pid;
  }
  return 0;
}

// In a write-ahead log's database the lock is on the shared memory, else on the file itself.
std::string lock_holder(const std::string& path) {
  std::ifstream file("/proc/locks");
  const std::string locks{std::istreambuf_iterator<char>(file), {}};
  for (const std::string& name : {path + "-shm", path}) {
    struct stat info {};
    if (::stat(name.c_str(), &info) != 0) continue;
    const auto device = fmt::format("{:02x}:{:02x}", major(info.st_dev), minor(info.st_dev));
    const long pid = lock_holder_in(locks, device, info.st_ino);
    if (pid == 0) continue;
    const std::string command = command_of(pid);
    return fmt::format("process {}{}", pid, command.empty() ? "" : " (" + command + ")");
  }
  return {};
}

}  // namespace ballast::storage
