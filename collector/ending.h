// How what is under way comes to an end in time, once that is asked for.
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/async.h"

namespace ballast::collector {

// Until begin() is called nothing below returns. One thread; must outlive the waiting.
class Ending {
 public:
  // `patience`: for calls that are under way; all is over after one and a half times that.
  Ending(const boost::asio::any_io_executor& executor, std::chrono::milliseconds patience);

  // From now on time runs. Once; again it changes nothing.
  void begin();
  [[nodiscard]] bool has_begun() const { return has_begun_; }

  // Each returns when the time is up for …
  Awaitable<void> calls() { return reached(calls_); }        // … what was asked before
  Awaitable<void> clean_up() { return reached(clean_up_); }  // … tidying up after it
  Awaitable<void> all() { return reached(all_); }            // … saying goodbye

 private:
  using Timer = boost::asio::steady_timer;
  static Awaitable<void> reached(Timer& timer);

  std::chrono::milliseconds patience_;
  bool has_begun_ = false;
  Timer calls_;
  Timer clean_up_;
  Timer all_;
};

}  // namespace ballast::collector
