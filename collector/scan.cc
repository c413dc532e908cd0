#include "collector/scan.h"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "collector/judge_guest.h"
#include "collector/probe_queue.h"
#include "collector/result_writer.h"

namespace ballast::collector {

namespace {

using model::ScanStatus;
using model::UnknownReason;
using model::VmResult;
using model::VmView;

VmResult unread(VmView vm, UnknownReason reason, std::string detail) {
  VmResult result;
  result.vm = std::move(vm);
  result.judgement = model::unknown(reason);
  result.detail = std::move(detail);
  return result;
}

}  // namespace

// Counters of so many guests are asked for in one call.
constexpr std::size_t kCountersTogether = 64;

class Scan::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
       ScanObserver& observer, ScanOptions options)
      : vcenter_(vcenter),
        store_(store),
        observer_(observer),
        options_(std::move(options)),
        queue_(options_.concurrency, options_.concurrency_per_host),
        tasks_(std::move(executor)) {}

  Awaitable<ScanSummary> run();
  void stop();

 private:
  Awaitable<void> scan_into_store();
  Awaitable<std::optional<Error>> prepare();
  Awaitable<std::optional<Error>> read_hosts();
  Awaitable<std::optional<Error>> read_pools();
  Awaitable<std::chrono::milliseconds> clock_ahead();
  Awaitable<void> list();
  Awaitable<void> read_pages(VmPages& pages);
  Awaitable<void> take_page(std::vector<VmView> page);
  Awaitable<void> probe(PendingProbe pending);
  Awaitable<void> take_output(VmView vm, const std::string& output);
  Awaitable<void> judge_gathered();
  [[nodiscard]] bool is_gathering_over() const;
  Awaitable<void> leave_out_unstarted();
  Awaitable<void> keep(VmResult result);
  Awaitable<void> finish();
  void start_probes();
  void count(const VmResult& result);
  void fail_with(Error error);
  [[nodiscard]] ScanStatus status() const;

  Vcenter& vcenter_;
  SampleStore& store_;
  ScanObserver& observer_;
  ScanOptions options_;
  ProbeQueue queue_;
  TaskGroup tasks_;
  std::optional<ResultWriter> writer_;
  std::optional<GuestJudge> judge_;
  std::vector<ReadGuest> gathered_;           // ballooned guests that wait for their counters
  std::map<std::string, model::Host> hosts_;  // by moref
  bool stopped_ = false;
  bool listed_all_ = false;
  ScanSummary summary_;
};

Awaitable<ScanSummary> Scan::Impl::run() {
  const UtcTime started = now_utc();
  summary_.vcenter = options_.vcenter_name;
  ScanStart start{options_.vcenter_name, options_.vcenter_url, started};
  auto scan = co_await store_.begin_scan(std::move(start));
  if (scan) {
    summary_.scan = *scan;
    writer_.emplace(store_, *scan, options_.batch);
    co_await scan_into_store();
  } else {
    fail_with(std::move(scan.error()));
  }
  summary_.duration = now_utc() - started;
  co_return summary_;
}

Awaitable<void> Scan::Impl::scan_into_store() {
  if (!stopped_) tasks_.spawn(list());
  co_await tasks_.join();
  co_await judge_gathered();
  co_await leave_out_unstarted();
  co_await vcenter_.disconnect();
  co_await writer_->flush();
  if (writer_->error()) fail_with(*writer_->error());
  co_await finish();
}

// Everything before the first VM. What comes back cut it short.
Awaitable<std::optional<Error>> Scan::Impl::prepare() {
  observer_.on_phase(options_.vcenter_name, "connecting");
  auto about = co_await vcenter_.connect();
  if (!about) co_return about.error();
  spdlog::info("{}: {} (API {})", options_.vcenter_name, printable(about->full_name, 128),
               printable(about->api_version, 32));
  auto kept = co_await store_.write_vcenter(*summary_.scan, std::move(*about));
  if (!kept) co_return kept.error();

  summary_.clock_ahead = co_await clock_ahead();
  GuestJudge::Options judging{options_.vcenter_name, summary_.clock_ahead,
                              options_.counters_deadline};
  judge_.emplace(vcenter_, store_, *summary_.scan, std::move(judging));
  if (auto error = co_await read_hosts()) co_return error;
  co_return co_await read_pools();
}

// vCenter's clock less ours.
Awaitable<std::chrono::milliseconds> Scan::Impl::clock_ahead() {
  const auto time = co_await vcenter_.current_time();
  if (time) co_return *time - now_utc();
  spdlog::warn("{}: vCenter's clock is taken for right: {}", options_.vcenter_name,
               time.error().sentence());
  co_return std::chrono::milliseconds(0);
}

Awaitable<std::optional<Error>> Scan::Impl::read_hosts() {
  observer_.on_phase(options_.vcenter_name, "reading hosts");
  auto hosts = co_await vcenter_.hosts();
  if (!hosts) co_return hosts.error();
  std::vector<std::string> morefs;
  for (const auto& host : *hosts) morefs.push_back(host.moref);
  const auto states = co_await vcenter_.host_memory_states(std::move(morefs));
  if (!states) {
    spdlog::warn("{}: the hosts' memory states stay unknown: {}", options_.vcenter_name,
                 states.error().sentence());
  }
  for (auto& host : *hosts) {
    if (states && states->contains(host.moref)) host.memory_state = states->at(host.moref);
    hosts_.emplace(host.moref, host);
  }
  auto written = co_await store_.write_hosts(*summary_.scan, std::move(*hosts));
  if (!written) co_return written.error();
  co_return std::nullopt;
}

// Pools serve causes only: a scan does without.
Awaitable<std::optional<Error>> Scan::Impl::read_pools() {
  auto pools = co_await vcenter_.resource_pools();
  if (!pools) {
    spdlog::warn("{}: resource pools stay unknown: {}", options_.vcenter_name,
                 pools.error().sentence());
    co_return std::nullopt;
  }
  auto written = co_await store_.write_pools(*summary_.scan, std::move(*pools));
  if (!written) co_return written.error();
  co_return std::nullopt;
}

Awaitable<void> Scan::Impl::list() {
  if (auto error = co_await prepare()) {
    fail_with(std::move(*error));
    co_return;
  }
  observer_.on_phase(options_.vcenter_name, "listing VMs");
  auto pages = co_await vcenter_.list_vms();
  if (!pages) {
    fail_with(std::move(pages.error()));
    co_return;
  }
  std::exception_ptr thrown;
  try {
    co_await read_pages(**pages);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await shield_from_cancellation();
  co_await (*pages)->close();
  if (thrown) std::rethrow_exception(thrown);
}

Awaitable<void> Scan::Impl::read_pages(VmPages& pages) {
  while (!stopped_ && !summary_.error) {
    auto page = co_await pages.next();
    if (!page) {
      if (page.error().code != ErrorCode::kCancelled) fail_with(std::move(page.error()));
      co_return;
    }
    if (page->empty()) {
      listed_all_ = true;
      observer_.on_phase(options_.vcenter_name, "probing guests");
      co_return;
    }
    summary_.listed += page->size();
    observer_.on_vms_listed(options_.vcenter_name, summary_.listed);
    co_await take_page(std::move(*page));
  }
}

Awaitable<void> Scan::Impl::take_page(std::vector<VmView> page) {
  for (auto& vm : page) {
    const auto selection = select_guest(vm, options_.selection);
    if (const auto* login = std::get_if<const GuestCredentials*>(&selection)) {
      PendingProbe pending{std::move(vm), *login};
      queue_.push(std::move(pending));
      continue;
    }
    auto result = unread(std::move(vm), std::get<UnknownReason>(selection), {});
    co_await keep(std::move(result));
  }
  start_probes();
}

void Scan::Impl::start_probes() {
  while (!stopped_ && !summary_.error) {
    auto pending = queue_.start_next();
    if (!pending) return;
    observer_.on_probe_started(options_.vcenter_name);
    tasks_.spawn(probe(std::move(*pending)));
  }
}

Awaitable<void> Scan::Impl::probe(PendingProbe pending) {
  const auto host = hosts_.find(pending.vm.host_moref);
  ProbeTarget target{pending.vm.moref,
                     host == hosts_.end() ? std::string() : host->second.ssl_thumbprint,
                     *pending.credentials};
  auto outcome = co_await probe_guest(vcenter_.guests(), std::move(target), options_.probe);
  observer_.on_probe_ended(options_.vcenter_name);
  queue_.done(pending.vm.host_moref);
  start_probes();
  if (outcome.reason == UnknownReason::kNone) {
    co_await take_output(std::move(pending.vm), outcome.output);
    co_return;
  }
  auto result = unread(std::move(pending.vm), outcome.reason, std::move(outcome.detail));
  co_await keep(std::move(result));
}

Awaitable<void> Scan::Impl::take_output(VmView vm, const std::string& output) {
  auto guest = understand_guest(output, now_utc());
  if (!guest) {
    auto result = unread(std::move(vm), UnknownReason::kOutputUnreadable, guest.error().sentence());
    co_await keep(std::move(result));
    co_return;
  }
  ReadGuest read{std::move(vm), std::move(*guest)};
  if (model::is_ballooned(read.guest.account, read.vm.stats.balloon_kib)) {
    gathered_.push_back(std::move(read));
  } else {
    auto result = co_await judge_->judge(std::move(read));
    co_await keep(std::move(result));
  }
  if (is_gathering_over()) co_await judge_gathered();
}

bool Scan::Impl::is_gathering_over() const {
  if (gathered_.empty()) return false;
  const auto waited = now_utc() - gathered_.front().guest.read_at;
  return gathered_.size() >= kCountersTogether || waited >= options_.longest_gathering;
}

Awaitable<void> Scan::Impl::judge_gathered() {
  if (gathered_.empty()) co_return;
  auto results = co_await judge_->judge_with_counters(std::exchange(gathered_, {}));
  for (auto& result : results) co_await keep(std::move(result));
}

Awaitable<void> Scan::Impl::leave_out_unstarted() {
  while (auto pending = queue_.take_unstarted()) {
    auto result = unread(std::move(pending->vm), UnknownReason::kCancelled,
                         "the scan ended before this guest's turn");
    co_await keep(std::move(result));
  }
}

Awaitable<void> Scan::Impl::keep(VmResult result) {
  count(result);
  observer_.on_result(options_.vcenter_name, result);
  co_await writer_->add(std::move(result));
  if (writer_->error() && !summary_.error) {
    fail_with(*writer_->error());
    stop();
  }
}

void Scan::Impl::count(const VmResult& result) {
  ++summary_.verdicts[result.judgement.verdict];
  if (result.guest) ++summary_.guests_read;
  if (result.judgement.verdict == model::Verdict::kBalloon) {
    summary_.matched_balloon_kib += result.vm.stats.balloon_kib.value_or(0);
  }
  if (result.judgement.reason == UnknownReason::kNone) return;
  ++summary_.reasons[result.judgement.reason];
  if (model::is_failure(result.judgement.reason)) ++summary_.guests_failed;
}

void Scan::Impl::fail_with(Error error) {
  if (!summary_.error) summary_.error = std::move(error);
}

ScanStatus Scan::Impl::status() const {
  const bool store_broke = writer_->error().has_value();
  if (store_broke || (summary_.listed == 0 && !listed_all_)) return ScanStatus::kFailed;
  return listed_all_ && !stopped_ && !summary_.error ? ScanStatus::kComplete : ScanStatus::kPartial;
}

Awaitable<void> Scan::Impl::finish() {
  if (stopped_) {
    fail_with(
        Error{ErrorCode::kCancelled, options_.vcenter_name + ": the scan was stopped", {}, {}});
  }
  summary_.status = status();
  ScanEnd end{summary_.status, now_utc(), summary_.error ? summary_.error->sentence() : ""};
  auto finished = co_await store_.finish_scan(*summary_.scan, std::move(end));
  if (!finished) {
    summary_.status = ScanStatus::kFailed;
    fail_with(std::move(finished.error()));
  }
}

void Scan::Impl::stop() {
  stopped_ = true;
  tasks_.cancel();
}

Scan::Scan(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
           ScanObserver& observer, ScanOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), vcenter, store, observer,
                                   std::move(options))) {}

Scan::~Scan() = default;

Awaitable<ScanSummary> Scan::run() { co_return co_await impl_->run(); }

void Scan::stop() { impl_->stop(); }

}  // namespace ballast::collector
