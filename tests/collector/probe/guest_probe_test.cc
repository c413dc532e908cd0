#include "collector/probe/guest_probe.h"

#include <algorithm>
#include <cstdio>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/fakes.h"

namespace ballast::collector {
namespace {

using model::UnknownReason;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FakeGuests;
using ::testing::HasSubstr;

ProbeOptions quick() {
  ProbeOptions options;
  options.first_poll = 1ms;
  options.longest_poll = 2ms;
  return options;
}

ProbeTarget target() { return {"vm-1", "", {"probe", Secret("pw")}}; }

ProbeOutcome probe(FakeGuests& guests, ProbeOptions options = quick()) {
  boost::asio::io_context io;
  return testing::run(io, probe_guest(guests, target(), options));
}

void expect_no_traces(const FakeGuests& guests, const std::string& when) {
  EXPECT_TRUE(guests.files.empty()) << when << ": a temporary file is left in the guest";
  EXPECT_TRUE(guests.running.empty()) << when << ": a program is left running in the guest";
}

TEST(ProbeGuest, BringsTheOutputBackAndCleansUp) {
  FakeGuests guests;
  guests.output = "text";
  const auto outcome = probe(guests);
  EXPECT_EQ(outcome.reason, UnknownReason::kNone);
  EXPECT_EQ(outcome.output, "text");
  EXPECT_THAT(guests.log, ElementsAre("create", "start", "process", "process", "read", "delete"));
  expect_no_traces(guests, "success");
}

TEST(ProbeGuest, RedirectsInsideTheScriptThatIsOneQuotedArgument) {
  FakeGuests guests;
  probe(guests);
  EXPECT_EQ(guests.last_arguments.substr(0, 4), "-c '");
  EXPECT_EQ(guests.last_arguments.back(), '\'');
  EXPECT_THAT(guests.last_arguments, HasSubstr("/tmp/ballast-probe-1.txt"));
  EXPECT_LT(guests.last_arguments.size(), 8192u) << "guest operations limit the command line";
}

struct FailureCase {
  const char* operation;
  Error error;
  UnknownReason reason;
};

Error vim_fault(const char* name) {
  return {ErrorCode::kFault, std::string("words for ") + name, "", name};
}

TEST(ProbeGuest, EveryFailureHasItsReasonAndLeavesNothingBehind) {
  const FailureCase cases[] = {
      {"create", vim_fault("InvalidGuestLogin"), UnknownReason::kInvalidGuestLogin},
      {"create", vim_fault("GuestOperationsUnavailable"),
       UnknownReason::kGuestOperationsUnavailable},
      {"create", vim_fault("OperationDisabledByGuest"), UnknownReason::kGuestOperationsDisabled},
      {"create", vim_fault("SomethingNew"), UnknownReason::kVcenterFailed},
      {"create",
       {ErrorCode::kPermission, "no", "", "NoPermission"},
       UnknownReason::kVcenterPermission},
      {"start", vim_fault("GuestPermissionDenied"), UnknownReason::kGuestPermissionDenied},
      {"start", vim_fault("FileNotFound"), UnknownReason::kProbeFailed},
      {"start", {ErrorCode::kUnreachable, "gone", "", ""}, UnknownReason::kVcenterFailed},
      {"process", vim_fault("InvalidPowerState"), UnknownReason::kVmUnavailable},
      {"process", {ErrorCode::kTimeout, "slow", "", ""}, UnknownReason::kTimedOut},
      {"read",
       {ErrorCode::kUnreachable, "no way to the host", "", ""},
       UnknownReason::kTransferFailed},
      {"read", {ErrorCode::kTooLarge, "huge", "", ""}, UnknownReason::kOutputTooLarge},
  };
  for (const auto& c : cases) {
    FakeGuests guests;
    guests.faults[c.operation] = {c.error};
    const auto outcome = probe(guests);
    EXPECT_EQ(outcome.reason, c.reason) << c.operation << " " << c.error.message;
    EXPECT_THAT(outcome.detail, HasSubstr(c.error.message));
    expect_no_traces(guests, c.error.message);
  }
}

// vCenter and host name the file: it could be another VM's, or what an earlier probe has left.
TEST(ProbeGuest, TheOutputOfAnotherProbeIsRefused) {
  FakeGuests guests;
  guests.output = "\n@@ballast begin 1\n@@ballast meminfo\n";
  EXPECT_EQ(probe(guests).reason, UnknownReason::kNone);
  guests.has_other_output = true;
  const auto outcome = probe(guests);
  EXPECT_EQ(outcome.reason, UnknownReason::kContradiction);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.detail, HasSubstr("of another probe"));
  expect_no_traces(guests, "another output");
}

TEST(ProbeGuest, ProgramThatFailsOrIsForgotten) {
  FakeGuests failing;
  failing.exit_code = 127;
  EXPECT_THAT(probe(failing).detail, HasSubstr("status 127: awk is missing"));
  expect_no_traces(failing, "exit 127");
  failing.exit_code = 126;
  EXPECT_THAT(probe(failing).detail, HasSubstr("status 126: awk may not be run"));
  failing.exit_code = 1;
  EXPECT_THAT(probe(failing).detail, HasSubstr("/proc/meminfo cannot be read"));

  FakeGuests forgetful;
  forgetful.forgets_process = true;
  EXPECT_EQ(probe(forgetful).reason, UnknownReason::kProbeFailed)
      << "a process the guest does not know is no success";
  EXPECT_TRUE(forgetful.files.empty());
}

TEST(ProbeGuest, MissingExitCodeMeansZero) {
  FakeGuests guests;
  guests.exit_code.reset();  // some servers leave a zero out
  EXPECT_EQ(probe(guests).reason, UnknownReason::kNone);
}

TEST(ProbeGuest, DeadlineEndsTheProgramAndDeletesTheFile) {
  FakeGuests guests;
  guests.polls_until_end = 1'000'000;
  auto options = quick();
  options.deadline = 30ms;
  EXPECT_EQ(probe(guests, options).reason, UnknownReason::kTimedOut);
  expect_no_traces(guests, "deadline");
}

// In each call that is under way when the time is up; nobody stopped the scan.
TEST(ProbeGuest, DeadlineIsNoStop) {
  for (const char* operation : {"create", "start", "process", "read"}) {
    FakeGuests guests;
    guests.delays[operation] = 60ms;
    auto options = quick();
    options.deadline = 30ms;
    const auto outcome = probe(guests, options);
    const bool is_fetching = operation == std::string_view("read");
    EXPECT_EQ(outcome.reason,
              is_fetching ? UnknownReason::kTransferFailed : UnknownReason::kTimedOut)
        << operation << ": " << outcome.detail;
    expect_no_traces(guests, operation);
  }
}

TEST(ProbeGuest, CleanUpThatHangsIsGivenUp) {
  FakeGuests guests;
  guests.delays["delete"] = 1h;
  auto options = quick();
  options.clean_up_deadline = 20ms;
  EXPECT_EQ(probe(guests, options).reason, UnknownReason::kNone)
      << "the output is there, whatever becomes of the file";
}

Awaitable<void> store_outcome(FakeGuests* guests, ProbeOutcome* outcome) {
  *outcome = co_await probe_guest(*guests, target(), quick());
}

Awaitable<bool> cancel_once_reached(TaskGroup* group, FakeGuests* guests, std::string operation) {
  while (std::find(guests->log.begin(), guests->log.end(), operation) == guests->log.end()) {
    co_await sleep_for(1ms);
  }
  group->cancel();
  co_await group->join();
  co_return true;
}

TEST(ProbeGuest, CancellationInAnyPhaseCleansUp) {
  for (const char* operation : {"create", "start", "process", "read"}) {
    boost::asio::io_context io;
    FakeGuests guests;
    guests.delays[operation] = 20ms;
    TaskGroup group(io.get_executor());
    ProbeOutcome outcome;
    group.spawn(store_outcome(&guests, &outcome));
    testing::run(io, cancel_once_reached(&group, &guests, operation));
    EXPECT_EQ(outcome.reason, UnknownReason::kCancelled) << operation;
    EXPECT_TRUE(guests.files.empty()) << "cancelled in " << operation;
    EXPECT_TRUE(guests.running.empty()) << "cancelled in " << operation;
  }
}

std::string shell_echo(const std::string& text) {
  const std::string command = "printf %s " + shell_quote(text);
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

TEST(ShellQuote, ARealShellGivesTheTextBack) {
  for (const char* text : {"plain", "it's", "a 'b' $(c) `d` \"e\" \\ \n f", "''", "*?[x]", ""}) {
    EXPECT_EQ(shell_echo(text), text);
  }
}

}  // namespace
}  // namespace ballast::collector
