#include "vsphere/guest/operations.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/text.h"
#include "vsphere/soap/decode.h"

namespace ballast::vsphere {

namespace {

constexpr const char* kProcessManager = "processManager";
constexpr const char* kFileManager = "fileManager";

// What a VM answers in a vMotion, under a snapshot, or while another guest operation runs: for a
// few seconds, after which what was begun goes on.
constexpr const char* kBusyFault = "TaskInProgress";
constexpr std::chrono::milliseconds kBusyPause{500};
constexpr int kBusyPauses = 15;

ManagedObject manager_in(const PropertyPage& page, std::string_view name) {
  for (const auto& object : page.objects) {
    for (const auto& property : object.properties) {
      const auto* manager = std::get_if<ManagedObject>(&property.value);
      if (property.name == name && manager != nullptr) return *manager;
    }
  }
  return {};
}

std::string in_guest(const char* doing, const std::string& vm) {
  return std::string(doing) + " in the guest of " + printable(vm, 80);
}

}  // namespace

Awaitable<Status> GuestOperations::prepare() {
  PropertyQuery query;
  query.start = session_.content().guest_operations_manager;
  if (query.start.id.empty()) co_return Status();
  query.wanted.push_back({query.start.type, {kProcessManager, kFileManager}});
  auto request = encode_retrieve_properties(session_.content().property_collector, query);
  std::string doing = "looking for guest operations";
  auto page = co_await session_.call<PropertyPage>(request, std::move(doing), decode_properties);
  if (!page) co_return fail(std::move(page.error()));
  processes_ = manager_in(*page, kProcessManager);
  files_ = manager_in(*page, kFileManager);
  co_return Status();
}

GuestTarget GuestOperations::in_processes(std::string vm, GuestLogin login) const {
  return {processes_, std::move(vm), std::move(login.username), std::move(login.password)};
}

GuestTarget GuestOperations::in_files(std::string vm, GuestLogin login) const {
  return {files_, std::move(vm), std::move(login.username), std::move(login.password)};
}

void GuestOperations::hurry(Clock::time_point deadline) {
  hurry_ = hurry_ ? std::min(*hurry_, deadline) : deadline;
}

bool GuestOperations::may_pause() const { return !hurry_ || Clock::now() + kBusyPause < *hurry_; }

template <class T>
Awaitable<Result<T>> GuestOperations::call(ManagedObject manager, SoapRequest request,
                                           std::string doing, Session::Decoder<T> decode) {
  if (manager.id.empty()) {
    Error error{ErrorCode::kFault, "the server has no guest operations",
                "scan a vCenter or host of version 5.0 or later", "NotSupported"};
    co_return fail(session_.explained(std::move(error), doing));
  }
  for (int pauses = 0; pauses < kBusyPauses && may_pause(); ++pauses) {
    auto answer = co_await session_.call<T>(request, doing, decode);
    if (answer || answer.error().fault != kBusyFault) co_return answer;
    spdlog::debug("{}; asking again", answer.error().message);
    co_await sleep_for(kBusyPause);
  }
  co_return co_await session_.call<T>(request, std::move(doing), decode);
}

Awaitable<Result<std::string>> GuestOperations::create_temporary_file(std::string vm,
                                                                      GuestLogin login,
                                                                      std::string prefix,
                                                                      std::string suffix) {
  auto doing = in_guest("creating a temporary file", vm);
  const auto guest = in_files(std::move(vm), std::move(login));
  auto request = encode_create_temporary_file(guest, prefix, suffix);
  co_return co_await call<std::string>(files_, std::move(request), std::move(doing),
                                       decode_create_temporary_file);
}

Awaitable<Result<std::int64_t>> GuestOperations::start_program(std::string vm, GuestLogin login,
                                                               std::string path,
                                                               std::string arguments) {
  auto doing = in_guest("starting a program", vm);
  const auto guest = in_processes(std::move(vm), std::move(login));
  auto request = encode_start_program(guest, path, arguments);
  co_return co_await call<std::int64_t>(processes_, std::move(request), std::move(doing),
                                        decode_start_program);
}

Awaitable<Result<GuestProcess>> GuestOperations::process(std::string vm, GuestLogin login,
                                                         std::int64_t pid) {
  using Answers = std::vector<GuestProcessAnswer>;
  auto doing = in_guest("looking at a program", vm);
  const auto guest = in_processes(std::move(vm), std::move(login));
  auto request = encode_list_process(guest, pid);
  auto answers = co_await call<Answers>(processes_, std::move(request), std::move(doing),
                                        decode_list_processes);
  // Some servers list the pid that nobody knows, some answer with this fault.
  if (!answers && answers.error().fault == "GuestProcessNotFound") co_return GuestProcess();
  if (!answers) co_return fail(std::move(answers.error()));
  const auto found = std::find_if(answers->begin(), answers->end(),
                                  [pid](const auto& answer) { return answer.pid == pid; });
  if (found == answers->end()) co_return GuestProcess();
  co_return GuestProcess{true, found->ended, found->exit_code};
}

Awaitable<Status> GuestOperations::terminate_process(std::string vm, GuestLogin login,
                                                     std::int64_t pid) {
  auto doing = in_guest("ending a program", vm);
  const auto guest = in_processes(std::move(vm), std::move(login));
  auto request = encode_terminate_process(guest, pid);
  co_return co_await call<void>(processes_, std::move(request), std::move(doing), decode_nothing);
}

Awaitable<Result<GuestFile>> GuestOperations::initiate_file_transfer(std::string vm,
                                                                     GuestLogin login,
                                                                     std::string path) {
  auto doing = in_guest("asking for a file", vm);
  const auto guest = in_files(std::move(vm), std::move(login));
  auto request = encode_initiate_transfer(guest, path);
  auto answer = co_await call<FileTransferAnswer>(files_, std::move(request), std::move(doing),
                                                  decode_initiate_transfer);
  if (!answer) co_return fail(std::move(answer.error()));
  co_return GuestFile{std::move(answer->url), answer->size};
}

Awaitable<Status> GuestOperations::delete_file(std::string vm, GuestLogin login, std::string path) {
  auto doing = in_guest("deleting a file", vm);
  const auto guest = in_files(std::move(vm), std::move(login));
  auto request = encode_delete_file(guest, path);
  co_return co_await call<void>(files_, std::move(request), std::move(doing), decode_nothing);
}

}  // namespace ballast::vsphere
