#include "cli/doctor/checks.h"

#include <algorithm>

#include <fmt/format.h>

namespace ballast::cli {

std::string_view to_string(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "ok";
    case CheckState::kWarning:
      return "warning";
    case CheckState::kFailed:
      return "failed";
    case CheckState::kSkipped:
      break;
  }
  return "skipped";
}

Check& CheckList::add(std::string_view what, CheckState state, std::string detail,
                      std::string hint) {
  const auto now = Clock::now();
  Check check{subject_, std::string(what), state, std::move(detail), std::move(hint)};
  check.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
  started_ = now;
  checks_.push_back(std::move(check));
  return checks_.back();
}

Check& CheckList::add_failure(std::string_view what, const Error& error, std::string_view hint) {
  return add(what, CheckState::kFailed, error.message,
             error.hint.empty() ? std::string(hint) : error.hint);
}

void CheckList::add(Check check) {
  check.subject = subject_;
  checks_.push_back(std::move(check));
  begin();
}

void CheckList::skip(std::string_view what, std::string_view why) {
  add({{}, std::string(what), CheckState::kSkipped, std::string(why)});
}

void CheckList::skip_rest(std::span<const std::string_view> steps) {
  const auto failed = std::find_if(checks_.rbegin(), checks_.rend(), [](const Check& check) {
    return check.state == CheckState::kFailed;
  });
  const std::string why =
      failed == checks_.rend() ? "not needed" : fmt::format("not tried: {} failed", failed->what);
  for (const auto step : steps) {
    const bool done = std::any_of(checks_.begin(), checks_.end(),
                                  [&](const Check& check) { return check.what == step; });
    if (!done) skip(step, why);
  }
}

}  // namespace ballast::cli
