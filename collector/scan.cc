#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/thrown.h"
#include "base/time.h"
#include "collector/probe/guest_report.h"
#include "collector/probe/guestinfo_text.h"
#include "collector/scan_impl.h"

namespace ballast::collector {

using model::ScanStatus;
using model::UnknownReason;
using model::VmView;

Awaitable<ScanSummary> Scan::Impl::run() {
  started_ = now_utc();
  summary_.vcenter = options_.vcenter_name;
  summary_.limited_to = options_.limited_to;
  watching_.spawn(watch_progress());
  try {
    co_await begin();
    if (summary_.scan) co_await scan_into_store();
  } catch (...) {
    fail_unexpectedly("scanning");
  }
  over_ = true;
  watching_.cancel();
  try {
    co_await watching_.join();
  } catch (...) {
    fail_unexpectedly("watching the scan");
  }
  summary_.duration = now_utc() - started_;
  if (log_) log_->ended(summary_);
  co_return summary_;
}

Awaitable<void> Scan::Impl::begin() {
  ScanStart start{options_.vcenter_name, options_.vcenter_url, started_, options_.limited_to,
                  options_.others};
  auto scan = co_await store_.begin_scan(std::move(start));
  if (!scan) {
    fail_with(std::move(scan.error()));
    co_return;
  }
  summary_.scan = *scan;
  writer_.emplace(store_, *scan, options_.batch);
  facts_.emplace(vcenter_, store_, watch_, options_.vcenter_name, *scan);
  log_.emplace(options_.vcenter_name, *scan);
  log_->begun();
}

// Whatever is thrown on the way, the session is ended, what was found is stored, and the scan has
// an end in the store.
Awaitable<void> Scan::Impl::scan_into_store() {
  try {
    co_await read_everything();
  } catch (...) {
    fail_unexpectedly("scanning");
  }
  co_await shield_from_cancellation();
  watch_.is_at("logging out");
  try {
    auto goodbye = vcenter_.disconnect();
    Deadline end(ending_.all());
    co_await finish_by(end, std::move(goodbye));
  } catch (...) {
    fail_unexpectedly("logging out");
  }
  watch_.is_at("storing what was found");
  try {
    co_await writer_->flush();
    if (writer_->error()) fail_with(*writer_->error());
  } catch (...) {
    fail_unexpectedly("storing the scan");
  }
  try {
    co_await finish();
  } catch (...) {
    summary_.status = ScanStatus::kFailed;
    fail_unexpectedly("storing the scan's end");
  }
}

Awaitable<void> Scan::Impl::read_everything() {
  Deadline longest(ending_.all(), from_now(options_.longest));
  const Deadline::OnExpiry too_late(longest, [this] { give_up_as_too_long(); });
  if (!stopped_) tasks_.spawn(list());
  Thrown thrown;
  try {
    co_await tasks_.join();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  try {
    co_await judge_rest();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  // Each VM gets a result, also those whose turn never came.
  try {
    co_await leave_out_unstarted();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  thrown.rethrow();
}

Awaitable<void> Scan::Impl::judge_rest() {
  if (!judge_) co_return;
  auto results = co_await judge_->judge_gathered();
  co_await keep_all(std::move(results));
}

void Scan::Impl::give_up_as_too_long() {
  if (ending_.has_begun()) return;
  log_->warn("the time of the scan is over; it is at: " + watch_.waits_for());
  fail_with(Error{ErrorCode::kTimeout,
                  fmt::format("{}: the scan took longer than {}", options_.vcenter_name,
                              format_duration(options_.longest)),
                  "see in the log what it waited for, or raise max_duration of this vCenter",
                  {}});
  end_early();
}

// Everything a scan waits for has a deadline of its own; this is for what has none, or forgets it.
// Looks are counted, not time: a process that was stopped for an hour waited for nobody.
Awaitable<void> Scan::Impl::watch_progress() {
  constexpr int kLooks = 8;
  int in_vain = 0;
  std::uint64_t seen = 0;
  while (true) {
    co_await sleep_for(std::max(options_.stall_timeout / kLooks, std::chrono::milliseconds(1)));
    const auto now = watch_.moves() + vcenter_.answers();
    in_vain = now == seen ? in_vain + 1 : 0;
    seen = now;
    if (in_vain > 0 && in_vain % kLooks == 0) give_up_as_stalled();
  }
}

void Scan::Impl::give_up_as_stalled() {
  const auto text = fmt::format("{}: no progress for {}; the scan is at: {}", options_.vcenter_name,
                                format_duration(options_.stall_timeout), watch_.waits_for());
  if (log_) log_->warn(text);
  if (ending_.has_begun()) return;
  fail_with(Error{ErrorCode::kTimeout,
                  text,
                  "see in the log what came before, or raise stall_timeout of this vCenter",
                  {}});
  end_early();
}

// Does everything that comes before the first VM. Returns what makes the scan end here, if
// anything.
Awaitable<std::optional<Error>> Scan::Impl::prepare() {
  if (auto error = co_await facts_->read()) co_return error;
  summary_.clock_ahead = facts_->clock_ahead();
  GuestJudge::Options judging{options_.vcenter_name, summary_.clock_ahead,
                              options_.counters_deadline, options_.longest_gathering};
  judge_.emplace(vcenter_, store_, *summary_.scan, ending_, std::move(judging));
  choice_.know_hosts(facts_->hosts());
  co_return co_await choice_.prepare(vcenter_, store_, *summary_.scan, now_utc());
}

Awaitable<void> Scan::Impl::list() {
  if (auto error = co_await prepare()) {
    fail_with(std::move(*error));
    co_return;
  }
  watch_.on_phase(options_.vcenter_name, "listing VMs");
  auto pages = co_await vcenter_.list_vms();
  if (!pages) {
    fail_with(std::move(pages.error()));
    co_return;
  }
  Thrown thrown;
  try {
    co_await read_pages(**pages);
  } catch (...) {
    thrown.add(std::current_exception());
  }
  // The server keeps an open listing, so it is closed whatever happened.
  co_await shield_from_cancellation();
  try {
    auto closing = (*pages)->close();
    Deadline end(ending_.clean_up());
    co_await finish_by(end, std::move(closing));
  } catch (...) {
    thrown.add(std::current_exception());
  }
  thrown.rethrow();
  co_await let_new_guests_try();
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
      watch_.on_phase(options_.vcenter_name, "probing guests");
      co_return;
    }
    summary_.listed += page->size();
    watch_.on_vms_listed(options_.vcenter_name, summary_.listed);
    // What was listed is kept, whatever ends the scan: each call in it has a deadline of its own.
    auto taking = take_page(std::move(*page));
    co_await run_uncancelled(std::move(taking));
  }
}

// Two VMs can have one instance UUID: a copy on a stand-alone host, or one that a backup restored.
// The second one is known by its moref. Hashes of the UUIDs are kept, for the texts of a fleet would
// be a good part of a scan's memory; that two of 40,000 are equal by chance is one in 10^10.
void Scan::Impl::tell_apart(VmView& vm) {
  if (vm.instance_uuid.empty()) return;
  if (identities_.insert(std::hash<std::string>()(vm.instance_uuid)).second) return;
  log_->warn(
      fmt::format("{} ({}) has the instance UUID of another VM, as a copy may: it is told "
                  "apart by its managed object id",
                  printable(vm.name, 80), printable(vm.moref, 80)));
  vm.instance_uuid.clear();
  vm.is_twin = true;
}

Awaitable<void> Scan::Impl::take_page(std::vector<VmView> page) {
  for (auto& vm : page) {
    tell_apart(vm);
    auto choice = choice_.choose(vm, now_utc());
    if (std::holds_alternative<OwnReport>(choice)) {
      reporting_.push_back(std::move(vm));
      continue;
    }
    if (const auto* login = std::get_if<const GuestCredentials*>(&choice)) {
      const auto standing = choice_.standing_of(vm);
      if (standing == LoginGuard::Guest::kKnown) choice_.logins().expect_known((*login)->username);
      PendingProbe pending{std::move(vm), *login, standing};
      queue_.push(std::move(pending));
      continue;
    }
    // Kept now, not at the end: a fleet has far more VMs than should be in memory at once.
    auto result = unread(std::move(vm), std::move(std::get<Unread>(choice)));
    co_await keep(std::move(result));
  }
  co_await start_probes();
  co_await read_reports();
}

// Some hundred at once, for a report may have 64 KiB.
Awaitable<void> Scan::Impl::read_reports() {
  constexpr std::size_t kTogether = 100;
  Reports told;
  while (!reporting_.empty() && !ending_.has_begun()) {
    const std::size_t together = std::min(reporting_.size(), kTogether);
    // What nobody answers would keep each of the others waiting as long.
    if (told || told.error().code != ErrorCode::kTimeout) told = co_await ask_for_reports(together);
    for (std::size_t i = 0; i < together; ++i) {
      auto vm = std::move(reporting_.front());
      reporting_.pop_front();
      co_await take_report(std::move(vm), told);
    }
  }
}

// Asks for those of the first so many.
Awaitable<Reports> Scan::Impl::ask_for_reports(std::size_t most) {
  std::vector<std::string> morefs;
  for (std::size_t i = 0; i < most; ++i) morefs.push_back(reporting_[i].moref);
  std::string key(kReportKey);
  auto asked = vcenter_.guestinfo(std::move(morefs), std::move(key));
  Deadline end(ending_.calls());
  auto told = co_await finish_by(end, std::move(asked));
  if (told) co_return std::move(*told);
  co_return fail(ErrorCode::kCancelled, "the scan was stopped");
}

Awaitable<void> Scan::Impl::take_report(VmView vm, const Reports& told) {
  auto guest = understand_report(told, vm, now_utc(), options_.longest_report_age);
  if (guest) {
    ReadGuest read{std::move(vm), std::move(*guest)};
    co_await judge(std::move(read));
  } else {
    auto result = unread(std::move(vm), std::move(guest.error()));
    co_await keep(std::move(result));
  }
}

Awaitable<void> Scan::Impl::keep_all(std::vector<model::JudgedGuest> results) {
  for (auto& result : results) co_await keep(std::move(result));
}

Unread Scan::Impl::ended_before_its_turn() const {
  if (silence_) return {UnknownReason::kVcenterFailed, silence_->sentence(), {}};
  return {UnknownReason::kCancelled, "the scan ended before this guest's turn", {}};
}

Awaitable<void> Scan::Impl::leave_out_unstarted() {
  while (auto pending = queue_.take_unstarted()) {
    auto result = unread(std::move(pending->vm), ended_before_its_turn());
    co_await keep(std::move(result));
  }
  for (auto& vm : std::exchange(reporting_, {})) {
    auto result = unread(std::move(vm), ended_before_its_turn());
    co_await keep(std::move(result));
  }
}

// A refused login is written at once: after a crash the guest would be asked again too soon.
Awaitable<void> Scan::Impl::keep(model::JudgedGuest result) {
  count(summary_, result);
  watch_.on_result(options_.vcenter_name, result);
  log_->kept(result);
  if (result.setback && result.setback->last_try >= started_ &&
      result.setback->reason == UnknownReason::kInvalidGuestLogin) {
    co_await writer_->add_at_once(std::move(result));
  } else {
    co_await writer_->add(std::move(result));
  }
  watch_.moved();
  if (writer_->error() && !summary_.error) {
    fail_with(*writer_->error());
    stop();
  }
}

// The first error is the cause; later ones are often only its consequence.
void Scan::Impl::fail_with(Error error) {
  if (!summary_.error) summary_.error = std::move(error);
}

// Of what is being thrown. It is no consequence of what a server did, so it is told in any case.
void Scan::Impl::fail_unexpectedly(std::string_view doing) {
  auto error =
      unexpected(std::current_exception(), fmt::format("{}: {}", options_.vcenter_name, doing));
  if (summary_.error && log_) log_->warn(error.sentence());
  fail_with(std::move(error));
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
  summary_.suspended = choice_.logins().suspended();
  for (auto& login : summary_.suspended) login.vcenter = options_.vcenter_name;
  ScanEnd end{summary_.status, now_utc(), summary_.error ? summary_.error->sentence() : ""};
  auto finished = co_await store_.finish_scan(*summary_.scan, std::move(end));
  if (!finished) {
    summary_.status = ScanStatus::kFailed;
    fail_with(std::move(finished.error()));
  }
}

void Scan::Impl::stop() {
  if (over_) return;
  stopped_ = true;
  end_early();
}

void Scan::Impl::end_early() {
  ending_.begin();
  vcenter_.hurry(std::chrono::steady_clock::now() + options_.stop_patience);
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
