#include "vsphere/guest/operations.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/text.h"
#include "collector/ports/vim_fault.h"

namespace ballast::vsphere {

using collector::GuestProcess;

namespace {

constexpr const char* kProcessManager = "processManager";
constexpr const char* kFileManager = "fileManager";
constexpr std::string_view kFetching = "fetching a file of the guest";

// What a VM answers in a vMotion, under a snapshot, or while another guest operation runs: for a
// few seconds, after which what was begun goes on.
constexpr std::string_view kBusyFault = "TaskInProgress";
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

bool is_larger(const FileTransferAnswer& file, std::size_t max_bytes) {
  return file.size && *file.size > 0 && static_cast<std::uint64_t>(*file.size) > max_bytes;
}

Error too_large(const FileTransferAnswer& file, std::size_t max_bytes) {
  return {ErrorCode::kTooLarge,
          "the file has " + std::to_string(file.size.value_or(0)) + " bytes, more than the " +
              std::to_string(max_bytes) + " allowed",
          {},
          {}};
}

}  // namespace

Awaitable<Status> GuestOperationsManager::prepare() {
  PropertyQuery query;
  query.start = session_.content().guest_operations_manager;
  if (query.start.id.empty()) co_return Status();
  query.wanted.push_back({query.start.type, {kProcessManager, kFileManager}});
  auto request = encode_retrieve_properties(session_.content().property_collector, query);
  std::string doing = "looking for guest operations";
  auto page = co_await session_.call<PropertyPage>(request, std::move(doing), decode_properties);
  if (!page && !page.error().fault.empty()) {
    unprepared_ = std::move(page.error());
    co_return Status();
  }
  if (!page) co_return fail(std::move(page.error()));
  processes_ = manager_in(*page, kProcessManager);
  files_ = manager_in(*page, kFileManager);
  co_return Status();
}

GuestTarget GuestOperationsManager::in_processes(std::string vm, Who who) const {
  return {processes_, std::move(vm), std::move(who.username), std::move(who.password)};
}

GuestTarget GuestOperationsManager::in_files(std::string vm, Who who) const {
  return {files_, std::move(vm), std::move(who.username), std::move(who.password)};
}

void GuestOperationsManager::hurry(Clock::time_point deadline) {
  hurry_ = hurry_ ? std::min(*hurry_, deadline) : deadline;
}

bool GuestOperationsManager::may_pause() const {
  return !hurry_ || Clock::now() + kBusyPause < *hurry_;
}

template <class T>
Awaitable<Result<T>> GuestOperationsManager::call(ManagedObject manager, SoapRequest request,
                                                  std::string doing, Session::Decoder<T> decode) {
  if (manager.id.empty() && unprepared_) co_return fail(*unprepared_);
  if (manager.id.empty()) {
    Error error{ErrorCode::kFault, "the server has no guest operations",
                "scan a vCenter or host of version 5.0 or later", "NotSupported"};
    co_return fail(session_.explained(std::move(error), doing));
  }
  for (int pauses = 0; pauses < kBusyPauses && may_pause(); ++pauses) {
    auto answer = co_await session_.call<T>(request, doing, decode);
    if (answer || !collector::is_fault(answer.error().fault, kBusyFault)) co_return answer;
    spdlog::debug("{}; asking again", answer.error().message);
    co_await sleep_for(kBusyPause);
  }
  co_return co_await session_.call<T>(request, std::move(doing), decode);
}

Awaitable<Result<std::string>> GuestOperationsManager::create_temporary_file(std::string vm,
                                                                             Who who,
                                                                             std::string prefix,
                                                                             std::string suffix) {
  auto doing = in_guest("creating a temporary file", vm);
  const auto guest = in_files(std::move(vm), std::move(who));
  auto request = encode_create_temporary_file(guest, prefix, suffix);
  co_return co_await call<std::string>(files_, std::move(request), std::move(doing),
                                       decode_create_temporary_file);
}

Awaitable<Result<std::int64_t>> GuestOperationsManager::start_program(
    std::string vm, Who who, std::string path, std::string arguments,
    std::vector<Secret> environment) {
  auto doing = in_guest("starting a program", vm);
  const auto guest = in_processes(std::move(vm), std::move(who));
  auto request = encode_start_program(guest, path, arguments, environment);
  co_return co_await call<std::int64_t>(processes_, std::move(request), std::move(doing),
                                        decode_start_program);
}

Awaitable<Result<std::optional<GuestProcess>>> GuestOperationsManager::process(std::string vm,
                                                                               Who who,
                                                                               std::int64_t pid) {
  using Answers = std::vector<GuestProcess>;
  auto doing = in_guest("looking at a program", vm);
  const auto guest = in_processes(std::move(vm), std::move(who));
  auto request = encode_list_process(guest, pid);
  const auto answers = co_await call<Answers>(processes_, std::move(request), std::move(doing),
                                              decode_list_processes);
  // Some servers list the pid that nobody knows, some answer with this fault.
  if (!answers && answers.error().fault == "GuestProcessNotFound") {
    co_return std::optional<GuestProcess>();
  }
  if (!answers) co_return fail(answers.error());
  const auto found = std::find_if(answers->begin(), answers->end(),
                                  [pid](const auto& answer) { return answer.pid == pid; });
  co_return found == answers->end() ? std::nullopt : std::optional(*found);
}

Awaitable<Status> GuestOperationsManager::terminate_process(std::string vm, Who who,
                                                            std::int64_t pid) {
  auto doing = in_guest("ending a program", vm);
  const auto guest = in_processes(std::move(vm), std::move(who));
  auto request = encode_terminate_process(guest, pid);
  co_return co_await call<void>(processes_, std::move(request), std::move(doing), decode_nothing);
}

Awaitable<Result<FileTransferAnswer>> GuestOperationsManager::initiate_transfer(std::string vm,
                                                                                Who who,
                                                                                std::string path) {
  auto doing = in_guest("asking for a file", vm);
  const auto guest = in_files(std::move(vm), std::move(who));
  auto request = encode_initiate_transfer(guest, path);
  co_return co_await call<FileTransferAnswer>(files_, std::move(request), std::move(doing),
                                              decode_initiate_transfer);
}

Awaitable<Result<std::string>> GuestOperationsManager::read_file(std::string vm, Who who,
                                                                 std::string path,
                                                                 std::string host_thumbprint,
                                                                 std::size_t max_bytes) {
  auto file = co_await initiate_transfer(std::move(vm), std::move(who), std::move(path));
  if (!file) co_return fail(std::move(file.error()));
  if (is_larger(*file, max_bytes)) {
    co_return fail(session_.explained(too_large(*file, max_bytes), kFetching));
  }
  auto content =
      co_await transfers_.download(std::move(file->url), std::move(host_thumbprint), max_bytes);
  if (!content) co_return fail(session_.explained(std::move(content.error()), kFetching));
  co_return content;
}

Awaitable<Status> GuestOperationsManager::delete_file(std::string vm, Who who, std::string path) {
  auto doing = in_guest("deleting a file", vm);
  const auto guest = in_files(std::move(vm), std::move(who));
  auto request = encode_delete_file(guest, path);
  co_return co_await call<void>(files_, std::move(request), std::move(doing), decode_nothing);
}

}  // namespace ballast::vsphere
