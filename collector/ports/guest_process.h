// A program in a guest.
#pragma once

#include <cstdint>
#include <optional>

namespace ballast::collector {

// A program that was started in a guest, as the guest knows it now.
struct GuestProcess {
  std::int64_t pid = 0;
  bool ended = false;
  std::optional<int> exit_code;  // of one that has ended, where the server says it
};

}  // namespace ballast::collector
