// The deadlines of a scan that has been told to end.
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>

#include "base/deadline.h"

namespace ballast::collector {

// Three sets of deadlines, one for each stage of an ending. None of them comes before begin() is
// called. Used from one thread; it must outlive the deadlines.
class Ending {
 public:
  // `patience`: how much time calls have that are under way. All is over after one and a half times
  // as much.
  Ending(const boost::asio::any_io_executor& executor, std::chrono::milliseconds patience);

  // Starts the time. A second call changes nothing.
  void begin();
  [[nodiscard]] bool has_begun() const { return has_begun_; }

  Deadlines& calls() { return calls_; }        // for what was asked before
  Deadlines& clean_up() { return clean_up_; }  // for tidying up after it
  Deadlines& all() { return all_; }            // for the whole, with the logout at its end

 private:
  std::chrono::milliseconds patience_;
  bool has_begun_ = false;
  Deadlines calls_;
  Deadlines clean_up_;
  Deadlines all_;
};

}  // namespace ballast::collector
