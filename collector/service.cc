#include "collector/service.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <spdlog/spdlog.h>

#include "base/thrown.h"

namespace ballast::collector {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

// A vCenter locks an account that keeps giving a wrong password.
constexpr seconds kRefusedLoginPause = std::chrono::minutes(15);

// Tells whether trying again soon may help. What the user may not see is not there a minute later.
bool is_setback(const ScanSummary& summary) {
  if (!summary.error) return false;
  const bool is_as_far_as_it_goes = summary.status == model::ScanStatus::kPartial &&
                                    summary.error->code == ErrorCode::kPermission;
  return !is_as_far_as_it_goes && summary.error->code != ErrorCode::kBusy &&
         summary.error->code != ErrorCode::kCancelled;
}

}  // namespace

void ServiceClock::arm(asio::steady_timer& timer, UtcTime time) const {
  // Not the whole wait at once: the wall clock may be set meanwhile, or the machine may sleep.
  constexpr std::chrono::milliseconds kLongest = seconds(30);
  timer.expires_after(std::clamp(time - now_utc(), std::chrono::milliseconds(0), kLongest));
}

class Service::Impl {
 public:
  Impl(asio::any_io_executor executor, ScanLauncher& launcher, ServiceObserver& observer,
       const ServiceClock& clock)
      : executor_(executor),
        launcher_(launcher),
        observer_(observer),
        clock_(clock),
        tasks_(executor),
        stopped_(executor, asio::steady_timer::time_point::max()) {}

  Awaitable<void> run(std::vector<Timetable> timetables);
  void reload(std::vector<Timetable> timetables);
  void stop();

 private:
  struct Entry {
    Entry(const asio::any_io_executor& executor, Timetable given)
        : timetable(std::move(given)), wake(executor) {}
    Timetable timetable;
    asio::steady_timer wake;
    std::optional<UtcTime> last_start;
    int failures = 0;
    seconds asked_to_wait{0};
    bool changed = false;  // by a reload, since the wait began
    bool removed = false;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  void start(Timetable timetable);
  void remove(const EntryPtr& entry);
  Awaitable<void> keep_scanning(EntryPtr entry);
  Awaitable<void> scan_at_each_turn(EntryPtr entry);
  void tell_what_was_thrown(const std::string& vcenter) noexcept;
  Awaitable<ScanSummary> scan_once(std::string vcenter);
  Awaitable<bool> wait_for_turn(EntryPtr entry);
  [[nodiscard]] bool is_over(const Entry& entry) const { return stopping_ || entry.removed; }
  [[nodiscard]] std::optional<UtcTime> due(const Entry& entry);
  [[nodiscard]] std::chrono::milliseconds part_of(seconds jitter);
  static void remember(Entry& entry, const ScanSummary& summary);

  asio::any_io_executor executor_;
  ScanLauncher& launcher_;
  ServiceObserver& observer_;
  const ServiceClock& clock_;
  TaskGroup tasks_;
  std::map<std::string, EntryPtr> entries_;  // by vCenter
  asio::steady_timer stopped_;               // cancelled when that happens
  std::minstd_rand random_{std::random_device()()};
  bool stopping_ = false;
};

Awaitable<void> Service::Impl::run(std::vector<Timetable> timetables) {
  for (auto& timetable : timetables) start(std::move(timetable));
  boost::system::error_code ignored;
  while (!stopping_)
    co_await stopped_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_await tasks_.join();
}

void Service::Impl::start(Timetable timetable) {
  auto entry = std::make_shared<Entry>(executor_, std::move(timetable));
  entries_.insert_or_assign(entry->timetable.vcenter, entry);
  tasks_.spawn(keep_scanning(std::move(entry)));
}

void Service::Impl::remove(const EntryPtr& entry) {
  entry->removed = true;
  entry->wake.cancel();
  observer_.on_removed(entry->timetable.vcenter);
}

void Service::Impl::reload(std::vector<Timetable> timetables) {
  auto before = std::exchange(entries_, {});
  for (auto& timetable : timetables) {
    const auto known = before.find(timetable.vcenter);
    if (known == before.end()) {
      start(std::move(timetable));
      continue;
    }
    const EntryPtr entry = known->second;
    before.erase(known);
    entry->timetable = std::move(timetable);
    entry->changed = true;
    entry->wake.cancel();
    entries_.emplace(entry->timetable.vcenter, entry);
  }
  for (const auto& [vcenter, entry] : before) remove(entry);
}

void Service::Impl::stop() {
  stopping_ = true;
  stopped_.cancel();
  for (const auto& [vcenter, entry] : entries_) entry->wake.cancel();
  launcher_.stop();
}

// Whatever a scan throws is its own failure: it is reported as one, and the schedule goes on.
Awaitable<ScanSummary> Service::Impl::scan_once(std::string vcenter) {
  ScanSummary summary;
  try {
    summary = co_await launcher_.scan(vcenter);
  } catch (...) {
    if (stopping_ && is_cancellation(std::current_exception())) throw;
    summary.vcenter = vcenter;
    summary.error = unexpected(std::current_exception(), vcenter + ": scanning");
  }
  co_return summary;
}

Awaitable<void> Service::Impl::keep_scanning(EntryPtr entry) {
  const std::string vcenter = entry->timetable.vcenter;
  try {
    entry->last_start = co_await launcher_.last_start(vcenter);
  } catch (...) {
    // Then it is scanned now: once too often does no harm.
    if (stopping_ && is_cancellation(std::current_exception())) throw;
  }
  while (!is_over(*entry)) {
    try {
      co_await scan_at_each_turn(entry);
      continue;
    } catch (...) {
      if (stopping_ && is_cancellation(std::current_exception())) throw;
      tell_what_was_thrown(vcenter);
    }
    // What throws may do so at once again.
    entry->wake.expires_after(entry->timetable.retry);
    boost::system::error_code ignored;
    co_await entry->wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// Between two scans, where nobody else would hear of it: this vCenter's schedule goes on.
void Service::Impl::tell_what_was_thrown(const std::string& vcenter) noexcept {
  const auto thrown = std::current_exception();
  try {
    ScanSummary summary;
    summary.vcenter = vcenter;
    summary.error = unexpected(thrown, vcenter + ": keeping its schedule");
    observer_.on_scan_ended(summary);
  } catch (...) {
    // Whoever was to be told throws as well.
    spdlog::error("{}: keeping its schedule: {}; and telling of it: {}", vcenter,
                  exception_text(thrown), exception_text(std::current_exception()));
  }
}

Awaitable<void> Service::Impl::scan_at_each_turn(EntryPtr entry) {
  const std::string vcenter = entry->timetable.vcenter;
  while (co_await wait_for_turn(entry)) {
    // Counted from its start, so that a long scan does not shift those after it.
    entry->last_start = clock_.now();
    observer_.on_scan_started(vcenter);
    const auto summary = co_await scan_once(vcenter);
    remember(*entry, summary);
    observer_.on_scan_ended(summary);
  }
}

// A refused login is treated as if the server had asked for a long pause.
void Service::Impl::remember(Entry& entry, const ScanSummary& summary) {
  entry.failures = is_setback(summary) ? entry.failures + 1 : 0;
  if (entry.failures == 0) return;
  entry.asked_to_wait = summary.error->retry_after;
  if (summary.error->code != ErrorCode::kLogin) return;
  entry.asked_to_wait = kRefusedLoginPause * entry.failures;
}

// Returns true when the turn has come, false when the service is over, or this vCenter's part in
// it.
Awaitable<bool> Service::Impl::wait_for_turn(EntryPtr entry) {
  // A clock that was set back by more than this makes `at` wrong: it is worked out again.
  constexpr std::chrono::minutes kSetBack{1};
  std::optional<UtcTime> at;
  bool look_again = true;
  UtcTime before = clock_.now();
  while (!is_over(*entry)) {
    if (std::exchange(entry->changed, false)) {
      // A person has changed the configuration, perhaps what made the scans fail.
      if (std::exchange(entry->failures, 0) > 0) co_return true;
      look_again = true;
    }
    const UtcTime now = clock_.now();
    if (look_again || now < before - kSetBack) {
      at = due(*entry);
      observer_.on_waiting(entry->timetable.vcenter, at);
    }
    look_again = false;
    before = now;
    if (at && *at <= now) co_return true;
    clock_.arm(entry->wake, at.value_or(now + std::chrono::hours(24)));
    boost::system::error_code ignored;
    co_await entry->wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return false;
}

std::optional<UtcTime> Service::Impl::due(const Entry& entry) {
  const Schedule& schedule = entry.timetable.schedule;
  const UtcTime now = clock_.now();
  const auto regular = next_due(schedule.when, entry.last_start, now);
  if (entry.failures > 0) {
    return next_try(entry.timetable.retry, entry.failures, entry.asked_to_wait,
                    regular.value_or(UtcTime::max()), now);
  }
  if (!regular) return std::nullopt;
  return *regular + part_of(schedule.jitter);
}

std::chrono::milliseconds Service::Impl::part_of(seconds jitter) {
  std::uniform_int_distribution<std::int64_t> any(0, std::chrono::milliseconds(jitter).count());
  return std::chrono::milliseconds(any(random_));
}

Service::Service(asio::any_io_executor executor, ScanLauncher& launcher, ServiceObserver& observer,
                 const ServiceClock& clock)
    : impl_(std::make_unique<Impl>(std::move(executor), launcher, observer, clock)) {}

Service::~Service() = default;

Awaitable<void> Service::run(std::vector<Timetable> timetables) {
  return impl_->run(std::move(timetables));
}

void Service::reload(std::vector<Timetable> timetables) { impl_->reload(std::move(timetables)); }

void Service::stop() { impl_->stop(); }

}  // namespace ballast::collector
