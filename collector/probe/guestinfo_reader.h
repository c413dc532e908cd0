// Reads what probes have handed over as guestinfo, for many guests with one call.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/async.h"
#include "base/result.h"
#include "collector/ports/vcenter.h"

namespace ballast::collector {

// Of one scan. Used from one thread.
class GuestinfoReader {
 public:
  // Its calls run as tasks of `tasks`. Those that ask within `gathering` share one.
  GuestinfoReader(boost::asio::any_io_executor executor, TaskGroup& tasks, Vcenter& vcenter,
                  std::chrono::milliseconds gathering)
      : executor_(std::move(executor)), tasks_(tasks), vcenter_(vcenter), gathering_(gathering) {}

  // Returns what the guest of `vm` (moref) has told under kProbeKey; "" if nothing. Errors: those of
  // Vcenter::guestinfo(). Throws, as for a cancellation, when `tasks` is cancelled.
  Awaitable<Result<std::string>> read(std::string vm);

  // Notes whether vCenter showed what a guest had handed over.
  void note_shown(bool shown) { shown ? ++shown_ : ++unseen_; }
  // Tells whether it is worth trying: not where vCenter has shown nothing of several guests.
  [[nodiscard]] bool is_worth_trying() const { return shown_ > 0 || unseen_ < kEnoughUnseen; }

 private:
  static constexpr int kEnoughUnseen = 3;

  // What one call asks for, and its answer.
  struct Round {
    explicit Round(const boost::asio::any_io_executor& executor);
    std::vector<std::string> vms;
    Result<std::map<std::string, std::string>> texts;
    bool answered = false;
    boost::asio::steady_timer ended;  // cancelled when there is an answer, or never will be one
  };
  class EndsRound;

  Awaitable<void> ask(std::shared_ptr<Round> round);

  boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  Vcenter& vcenter_;
  std::chrono::milliseconds gathering_;
  int shown_ = 0;
  int unseen_ = 0;
  std::shared_ptr<Round> gathering_round_;  // which others can still join; null if there is none
};

}  // namespace ballast::collector
