// From a probe's text to the VM's result: parse, account, ask for what is known around the reading
// (the guest's history, the balloon's counters), judge.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/ports.h"
#include "model/vm_result.h"

namespace ballast::collector {

// `output` is what the guest sent and is not trusted. Errors: the parser's.
[[nodiscard]] Result<model::GuestSample> understand_guest(const std::string& output,
                                                          UtcTime read_at);

struct ReadGuest {
  model::VmView vm;
  model::GuestSample guest;
};

// Judges the guests of one scan. History and counters make a verdict stronger; where they cannot be
// had it is given without them, and the first failure of each is a warning in the log. References
// must outlive it; one thread.
class GuestJudge {
 public:
  struct Options {
    std::string vcenter_name;
    std::chrono::milliseconds clock_ahead{0};  // vCenter's, less ours: counters have its times
    std::chrono::milliseconds counters_deadline{0};  // for those of one call
  };
  GuestJudge(Vcenter& vcenter, SampleStore& store, ScanId scan, Options options)
      : vcenter_(vcenter), store_(store), scan_(scan), options_(std::move(options)) {}

  Awaitable<model::VmResult> judge(ReadGuest read);
  // With the counters of all of them, asked for together.
  Awaitable<std::vector<model::VmResult>> judge_with_counters(std::vector<ReadGuest> reads);

 private:
  Awaitable<model::VmResult> judge_in(std::optional<model::BalloonBracket> bracket, ReadGuest read);
  Awaitable<std::vector<model::HistoryPoint>> history_of(const ReadGuest& read);
  Awaitable<std::vector<model::BalloonCounters>> counters_of(const std::vector<ReadGuest>& reads);
  void warn_once(bool& warned, const std::string& what, const Error& error) const;

  Vcenter& vcenter_;
  SampleStore& store_;
  ScanId scan_;
  Options options_;
  bool warned_of_history_ = false;
  bool warned_of_counters_ = false;
};

}  // namespace ballast::collector
