// Fakes of the collector's ports. They record every call; tests assert on the record.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "collector/ports/guest_operations.h"

namespace ballast::collector::testing {

// Runs one coroutine to its end on a fresh io_context's thread and gives its value.
template <class T>
T run(boost::asio::io_context& io, Awaitable<T> task) {
  std::exception_ptr error;
  std::optional<T> value;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T v) {
    error = e;
    value = std::move(v);
  });
  io.run();
  io.restart();
  if (error) std::rethrow_exception(error);
  return std::move(*value);
}

// A guest whose every operation can be made slow, fail or hang.
class FakeGuests : public GuestOperations {
 public:
  struct Fault {
    Error error;
    int times = 1000;  // fails this often, then works
  };
  std::map<std::string, Fault> faults;                      // by operation
  std::map<std::string, std::chrono::milliseconds> delays;  // by operation
  int polls_until_end = 2;
  bool forgets_process = false;
  std::optional<int> exit_code = 0;
  std::string output;
  bool has_other_output = false;        // what is read is of another probe
  std::set<std::string> refused_users;  // whose login no guest takes
  std::set<std::string> refusing_vms;   // that take no login

  std::vector<std::string> log;    // operations in order of their start
  std::set<std::string> files;     // what exists in the guest now: "vm:path"
  std::set<std::int64_t> running;  // processes that have neither ended nor been terminated
  std::string last_arguments;
  std::vector<Secret> last_environment;
  std::vector<std::string> asked;  // VMs in whom a file was to be created
  std::size_t logging_in = 0;      // calls of "create" under way now
  std::size_t most_logging_in = 0;

  Awaitable<Result<std::string>> create_temporary_file(std::string vm, GuestCredentials who,
                                                       std::string prefix,
                                                       std::string suffix) override {
    asked.push_back(vm);
    most_logging_in = std::max(most_logging_in, ++logging_in);
    auto status = co_await enter("create");
    --logging_in;
    if (!status) co_return fail(status.error());
    if (refused_users.contains(who.username) || refusing_vms.contains(vm)) {
      co_return fail(ErrorCode::kFault, "guest login refused", "", "InvalidGuestLogin");
    }
    std::string path = "/tmp/" + prefix + std::to_string(++made_) + suffix;
    files.insert(vm + ":" + path);
    co_return path;
  }
  Awaitable<Result<std::int64_t>> start_program(std::string, GuestCredentials, std::string,
                                                std::string arguments,
                                                std::vector<Secret> environment) override {
    last_environment = environment;
    auto status = co_await enter("start");
    if (!status) co_return fail(status.error());
    last_arguments = arguments;
    arguments_by_file_[file_in(arguments)] = arguments;
    const std::int64_t pid = ++pids_;
    running.insert(pid);
    polls_left_[pid] = polls_until_end;
    co_return pid;
  }
  Awaitable<Result<std::optional<GuestProcess>>> process(std::string, GuestCredentials,
                                                         std::int64_t pid) override {
    auto status = co_await enter("process");
    if (!status) co_return fail(status.error());
    GuestProcess state;
    state.pid = pid;
    state.ended = --polls_left_[pid] <= 0;
    if (state.ended) {
      running.erase(pid);
      state.exit_code = exit_code;
    }
    co_return forgets_process ? std::nullopt : std::optional(state);
  }
  Awaitable<Status> terminate_process(std::string, GuestCredentials, std::int64_t pid) override {
    auto status = co_await enter("terminate");
    if (status) running.erase(pid);
    co_return status;
  }
  Awaitable<Result<std::string>> read_file(std::string, GuestCredentials, std::string path,
                                           std::string, std::size_t) override {
    auto status = co_await enter("read");
    if (!status) co_return fail(status.error());
    co_return with_nonce(output, arguments_by_file_[path]);
  }
  Awaitable<Status> delete_file(std::string vm, GuestCredentials, std::string path) override {
    auto status = co_await enter("delete");
    if (status) files.erase(vm + ":" + path);
    co_return status;
  }

 protected:
  // The file that a probe with these arguments writes.
  static std::string file_in(const std::string& arguments) {
    const auto begin = arguments.find("/tmp/ballast-probe-");
    if (begin == std::string::npos) return {};
    return arguments.substr(begin, arguments.find(".txt", begin) + 4 - begin);
  }

  // As a probe with these arguments does, unless it is told to lie.
  [[nodiscard]] std::string with_nonce(std::string text, const std::string& arguments) const {
    constexpr std::string_view kBegin = "@@ballast begin 1\n";
    constexpr std::string_view kName = "BALLAST_NONCE=";
    const auto begin = text.find(kBegin);
    const auto name = arguments.find(kName);
    if (begin == std::string::npos || name == std::string::npos || has_other_output) return text;
    const auto nonce = arguments.substr(name + kName.size(), 32);
    return text.insert(begin + kBegin.size(), "@@ballast nonce\n" + nonce + "\n");
  }

  Awaitable<Status> enter(std::string operation) {
    log.push_back(operation);
    if (const auto delay = delays.find(operation); delay != delays.end()) {
      co_await sleep_for(delay->second);
    }
    auto fault = faults.find(operation);
    if (fault != faults.end() && fault->second.times-- > 0) co_return fail(fault->second.error);
    co_return Status();
  }

 private:
  int made_ = 0;
  std::int64_t pids_ = 0;
  std::map<std::int64_t, int> polls_left_;
  std::map<std::string, std::string> arguments_by_file_;
};

}  // namespace ballast::collector::testing
