// How what is under way comes to an end in time, once that is asked for.
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>

#include "base/deadline.h"

namespace ballast::collector {

// Until begin() is called none of the deadlines below comes. One thread; outlives them.
class Ending {
 public:
  // `patience`: for calls that are under way; all is over after one and a half times that.
  Ending(const boost::asio::any_io_executor& executor, std::chrono::milliseconds patience);

  // From now on time runs. Once; again it changes nothing.
  void begin();
  [[nodiscard]] bool has_begun() const { return has_begun_; }

  Deadlines& calls() { return calls_; }        // of what was asked before
  Deadlines& clean_up() { return clean_up_; }  // of tidying up after it
  Deadlines& all() { return all_; }            // of saying goodbye

 private:
  std::chrono::milliseconds patience_;
  bool has_begun_ = false;
  Deadlines calls_;
  Deadlines clean_up_;
  Deadlines all_;
};

}  // namespace ballast::collector
