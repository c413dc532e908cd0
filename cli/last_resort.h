// Ends the process when ending it in good order takes too long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ballast::cli {

// From arm() on the process lives for `limit` at most, unless the object goes before.
class LastResort {
 public:
  LastResort() = default;
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

  // Later calls change nothing.
  void arm(std::chrono::milliseconds limit);

 private:
  void wait(std::chrono::milliseconds limit);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace ballast::cli
