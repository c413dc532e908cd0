#include "tests/e2e/harness/process_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace ballast::e2e {

namespace {

// AddressSanitizer's shadow is larger, and holds no text.
constexpr std::uint64_t kLargestRegion = std::uint64_t{1} << 32;
constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::size_t kContext = 48;

std::string printable_part(std::string_view text, std::size_t at, std::size_t length) {
  const std::size_t begin = at - std::min(at, kContext);
  std::string out(text.substr(begin, length + 2 * kContext));
  for (auto& c : out) {
    if (std::isprint(static_cast<unsigned char>(c)) == 0) c = '.';
  }
  return out;
}

class Memory {
 public:
  explicit Memory(int pid)
      : fd_(::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error(std::string("process memory: ") + std::strerror(errno));
  }
  ~Memory() { ::close(fd_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // What of it can be read.
  std::string read(std::uint64_t begin, std::uint64_t end) const {
    std::string out;
    while (begin < end) {
      std::string chunk(std::min<std::uint64_t>(kChunk, end - begin), '\0');
      const auto got = ::pread(fd_, chunk.data(), chunk.size(), static_cast<off_t>(begin));
      if (got <= 0) break;
      out.append(chunk, 0, static_cast<std::size_t>(got));
      begin += static_cast<std::uint64_t>(got);
    }
    return out;
  }

 private:
  int fd_;
};

}  // namespace

bool memory_can_be_read(int pid) {
  const int fd = ::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::vector<MemoryPlace> find_in_memory(int pid, std::string_view text) {
  const Memory memory(pid);
  std::vector<MemoryPlace> places;
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> begin >> dash >> end >> rights;
    if (!rights.starts_with("rw") || end - begin > kLargestRegion) continue;
    const std::string bytes = memory.read(begin, end);
    for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1)) {
      places.push_back({line, printable_part(bytes, at, text.size())});
    }
  }
  return places;
}

}  // namespace ballast::e2e
