// Exceptions that have to wait until something else is done.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <vector>

namespace ballast {

// Returns what an exception says of itself.
[[nodiscard]] std::string exception_text(const std::exception_ptr& thrown);

// What the steps of a task threw, where each of them has to be done whatever became of those before
// it. A coroutine cannot await in a handler, so exceptions have to be kept, and one that is kept in
// the place of another is lost. Each step has a try of its own: a function that ran it would be
// awaited, and a cancellation that is there already strikes at that very place.
class Thrown {
 public:
  // Keeps `error`; null is none.
  void add(const std::exception_ptr& error);
  // Throws what was kept, and forgets it; returns if that is nothing. One exception is thrown as it
  // is, several as a std::runtime_error with the text of each. A cancellation only where nothing else
  // was thrown.
  void rethrow();

 private:
  std::vector<std::exception_ptr> errors_;
  std::size_t more_ = 0;  // that were thrown as well, and are only counted
  std::exception_ptr cancellation_;
};

}  // namespace ballast
