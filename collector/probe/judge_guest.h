// From a probe's text to the VM's result: parses it, makes the account, asks for what is known
// around the reading (the guest's history, the balloon's counters), and judges.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/ending.h"
#include "collector/ports/sample_store.h"
#include "collector/ports/vcenter.h"
#include "model/judged_guest.h"

namespace ballast::collector {

// A guest that was read and has no verdict yet.
struct ReadGuest {
  model::VmView vm;
  model::GuestSample guest;
};

// Judges the guests of one scan. Those with a balloon are gathered, so that one call asks for the
// counters of many. History and counters make a verdict stronger. Where they cannot be had, it is
// given without them, and the first failure of each is a warning in the log. Once `ending` has
// begun no question takes longer than that allows. References must outlive it; used from one
// thread.
class GuestJudge {
 public:
  struct Options {
    std::string vcenter_name;
    std::chrono::milliseconds clock_ahead{0};  // vCenter's clock less ours: counters have its times
    std::chrono::milliseconds counters_deadline{0};  // for one call
    std::chrono::milliseconds longest_gathering{0};  // how long a guest waits for others
  };
  GuestJudge(Vcenter& vcenter, SampleStore& store, ScanId scan, Ending& ending, Options options)
      : vcenter_(vcenter),
        store_(store),
        scan_(scan),
        ending_(ending),
        options_(std::move(options)) {}

  // Takes one guest, and returns the results that are ready: of this guest, of others that have
  // waited, or none.
  Awaitable<std::vector<model::JudgedGuest>> add(ReadGuest read);
  // Judges the guests that still wait.
  Awaitable<std::vector<model::JudgedGuest>> judge_gathered();

 private:
  [[nodiscard]] bool is_gathering_over() const;
  Awaitable<model::JudgedGuest> judge_in(std::optional<model::BalloonBracket> bracket,
                                         ReadGuest read);
  Awaitable<std::vector<model::HistoryPoint>> history_of(const ReadGuest& read);
  Awaitable<std::vector<model::BalloonCounters>> counters_of(const std::vector<ReadGuest>& reads);
  void warn_once(bool& warned, const std::string& what, const Error& error) const;

  Vcenter& vcenter_;
  SampleStore& store_;
  ScanId scan_;
  Ending& ending_;
  Options options_;
  std::vector<ReadGuest> gathered_;
  TimePoint gathering_since_{};
  bool warned_of_history_ = false;
  bool warned_of_counters_ = false;
};

}  // namespace ballast::collector
