#include "base/thrown.h"

#include <stdexcept>
#include <utility>

#include "base/async.h"

namespace ballast {

std::string exception_text(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception without words";
  }
}

void Thrown::add(const std::exception_ptr& error) {
  // What a thousand tasks throw is mostly the same.
  constexpr std::size_t kMostKept = 8;
  if (!error) return;
  if (is_cancellation(error)) {
    cancellation_ = error;
  } else if (errors_.size() < kMostKept) {
    errors_.push_back(error);
  } else {
    ++more_;
  }
}

void Thrown::rethrow() {
  const auto errors = std::exchange(errors_, {});
  const auto more = std::exchange(more_, 0);
  const auto cancellation = std::exchange(cancellation_, nullptr);
  if (errors.empty() && cancellation) std::rethrow_exception(cancellation);
  if (errors.empty()) return;
  if (errors.size() == 1) std::rethrow_exception(errors.front());
  std::string text = exception_text(errors.front());
  for (std::size_t i = 1; i < errors.size(); ++i) text += "; and: " + exception_text(errors[i]);
  if (more > 0) text += "; and " + std::to_string(more) + " more";
  throw std::runtime_error(text);
}

}  // namespace ballast
