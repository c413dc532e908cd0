// What a log line is about, beside its text, so that a log can be searched by vCenter, scan and VM.
#pragma once

#include <cstdint>
#include <string_view>

namespace ballast {

struct LogSubject {
  std::string_view vcenter = {};  // configured name; "" if the line is about none
  std::int64_t scan = 0;          // the store's number; 0: none
  std::string_view vm = {};       // moref; "": none
};

// Makes the log lines of this thread be about `subject` as long as it lives. Keep it alive for one
// logging statement only, never across a co_await: another coroutine may log meanwhile.
//   { const LogAbout about({.vcenter = name, .scan = id}); spdlog::warn(…); }
class LogAbout {
 public:
  explicit LogAbout(const LogSubject& subject) : subject_(subject), before_(current_) {
    current_ = &subject_;
  }
  ~LogAbout() { current_ = before_; }
  LogAbout(const LogAbout&) = delete;
  LogAbout& operator=(const LogAbout&) = delete;

  // Returns what the line being logged is about, for the log's sink. Null if about nothing.
  [[nodiscard]] static const LogSubject* current() { return current_; }

 private:
  LogSubject subject_;
  const LogSubject* before_;
  static inline thread_local const LogSubject* current_ = nullptr;
};

}  // namespace ballast
