// What `ballast doctor` finds: one Check a step, each with its outcome and what to do about it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ballast::cli {

enum class CheckState { kOk, kWarning, kFailed, kSkipped };

[[nodiscard]] std::string_view to_string(CheckState state);  // "ok", "warning", …

// Which guests of a vCenter a scan would hand a login to.
struct LoginUse {
  std::string username;
  std::string rule;  // 'override 2, folder "Prod/*"'
  std::size_t guests = 0;
};

struct Check {
  std::string subject;  // "configuration", "database", or a vCenter's name
  std::string what;     // "login", "privileges", …
  CheckState state = CheckState::kOk;
  std::string detail = {};    // what was found, or what is wrong; may hold text from outside
  std::string hint = {};      // what to do; "" if nothing
  std::string to_paste = {};  // a line for the configuration; "" if there is none
  std::chrono::milliseconds took{0};
  std::optional<LoginUse> login = {};  // of a check that tells of one
};

// The checks of one subject in their order. A check took the time since begin(), or since the one
// before it.
class CheckList {
 public:
  explicit CheckList(std::string subject) : subject_(std::move(subject)) {}

  void begin() { started_ = Clock::now(); }
  // The reference is good until the next call.
  Check& add(std::string_view what, CheckState state, std::string detail, std::string hint = {});
  // A failed one; without a hint of its own the error's is taken, or else `hint`.
  Check& add_failure(std::string_view what, const Error& error, std::string_view hint);
  // One that was put together elsewhere; gets this subject.
  void add(Check check);
  void skip(std::string_view what, std::string_view why);
  // Those of `steps` that are not here yet, because the newest failure made them impossible.
  void skip_rest(std::span<const std::string_view> steps);

  [[nodiscard]] std::vector<Check> take() { return std::move(checks_); }

 private:
  using Clock = std::chrono::steady_clock;

  std::string subject_;
  Clock::time_point started_ = Clock::now();
  std::vector<Check> checks_;
};

}  // namespace ballast::cli
