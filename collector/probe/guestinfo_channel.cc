// The channel without files: the probe hands its output to the hypervisor, and vCenter shows it in the
// VM's configuration, of many VMs in one answer. It takes one guest operation, and nothing from the
// ESXi host.
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "collector/probe/guestinfo_reader.h"
#include "collector/probe/guestinfo_text.h"
#include "collector/probe/probe_attempt.h"
#include "collector/probe_script.h"
#include "collector/send_script.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;
using Milliseconds = std::chrono::milliseconds;

// How long vCenter may take to show what the guest has handed over.
constexpr Milliseconds kShownWithin{10'000};
constexpr Milliseconds kFirstWait{500};

std::string guestinfo_arguments() {
  static const std::string kScript = inside_quotes("\nprobe() {\n" + std::string(kProbeScript) +
                                                   "\n}\n" + std::string(kSendScript));
  return "-c '" + kScript + "'";
}

// Returns why send.sh could not hand the text over; "" where it is not that.
std::string_view closed_words(int status) {
  switch (status) {
    case 120:
      return "vmware-rpctool is missing in the guest";
    case 121:
      return "sha256sum is missing in the guest";
    case 122:
      return "the text is longer than the hypervisor takes";
    case 123:
      return "the hypervisor takes no guestinfo from this guest (isolation.tools.setinfo.disable, "
             "or tools.setInfo.sizeLimit)";
    default:
      return "";
  }
}

ProbeOutcome closed(std::string_view why) {
  auto outcome = failed(UnknownReason::kTransferFailed, fmt::format("by guestinfo: {}", why));
  outcome.is_channel_closed = true;
  return outcome;
}

ProbeOutcome ended_badly(int status) {
  const auto words = closed_words(status);
  return words.empty() ? failed(UnknownReason::kProbeFailed, exit_words(status)) : closed(words);
}

// Waits for the text to show. In between it looks whether the program still runs.
class GuestinfoWait {
 public:
  GuestinfoWait(Attempt& attempt, Secret key) : attempt_(attempt), key_(std::move(key)) {}

  Awaitable<ProbeOutcome> finish() {
    for (auto pause = kFirstWait;; pause = std::min(pause * 2, attempt_.options.longest_poll)) {
      auto told = co_await attempt_.target.guestinfo->read(attempt_.target.vm);
      if (!told && told.error().fault.empty()) co_return failed(told.error());
      if (!told) co_return co_await end_and_close(told.error().sentence());
      if (auto text = open_sealed(*told, key_)) {
        attempt_.leftovers.running_pid.reset();
        attempt_.target.guestinfo->note_shown(true);
        co_return brought(std::move(*text));
      }
      if (auto problem = co_await look()) co_return std::move(*problem);
      co_await sleep_for(pause);
    }
  }

 private:
  // A server that refuses to show guestinfo may still hand over files.
  Awaitable<ProbeOutcome> end_and_close(std::string why) {
    attempt_.target.guestinfo->note_shown(false);
    auto& pid = attempt_.leftovers.running_pid;
    const auto& target = attempt_.target;
    if (pid) {
      const auto ended =
          co_await attempt_.guests.terminate_process(target.vm, target.credentials, *pid);
      if (ended) pid.reset();
      if (!ended) co_return failed(ended.error());
    }
    co_return closed(why);
  }

  // Returns why there is nothing to wait for, if so.
  Awaitable<std::optional<ProbeOutcome>> look() {
    auto& pid = attempt_.leftovers.running_pid;
    if (!pid) {
      if (TimePoint::clock::now() < shown_by_) co_return std::nullopt;
      attempt_.target.guestinfo->note_shown(false);
      co_return closed(
          "the guest handed its figures over, but vCenter does not show them, or not to this user");
    }
    const auto& target = attempt_.target;
    const auto answer = co_await attempt_.guests.process(target.vm, target.credentials, *pid);
    if (!answer) co_return failed(answer.error());
    if (*answer && !(*answer)->ended) co_return std::nullopt;
    pid.reset();
    if (!*answer) co_return forgotten();
    if (const int status = (*answer)->exit_code.value_or(0); status != 0) {
      co_return ended_badly(status);
    }
    shown_by_ = from_now(kShownWithin);
    co_return std::nullopt;
  }

  Attempt& attempt_;
  Secret key_;
  TimePoint shown_by_{};  // once the program has ended well
};

}  // namespace

Awaitable<ProbeOutcome> probe_by_guestinfo(Attempt& attempt) {
  Secret key = new_guestinfo_key();
  std::vector<Secret> environment;
  environment.emplace_back("BALLAST_KEY=" + key.reveal());
  auto arguments = guestinfo_arguments();
  const auto pid = co_await start_shell(attempt, std::move(arguments), std::move(environment));
  if (!pid) co_return failed(pid.error());
  note_login_taken(attempt);
  if (attempt.leftovers.cancelled) co_return stopped();
  GuestinfoWait wait(attempt, std::move(key));
  co_return co_await wait.finish();
}

}  // namespace ballast::collector
