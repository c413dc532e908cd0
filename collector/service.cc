#include "collector/service.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include <boost/asio/redirect_error.hpp>

namespace ballast::collector {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

// A vCenter locks an account that keeps giving a wrong password.
constexpr seconds kRefusedLoginPause = std::chrono::minutes(15);

// Whether trying again soon may help.
bool is_setback(const ScanSummary& summary) {
  return summary.error && summary.error->code != ErrorCode::kBusy &&
         summary.error->code != ErrorCode::kCancelled;
}

}  // namespace

void ServiceClock::arm(asio::steady_timer& timer, UtcTime time) const {
  // The wall clock may be set, or the machine sleep, meanwhile.
  constexpr std::chrono::milliseconds kLongest = seconds(30);
  timer.expires_after(std::clamp(time - now_utc(), std::chrono::milliseconds(0), kLongest));
}

class Service::Impl {
 public:
  Impl(asio::any_io_executor executor, ScanLauncher& launcher, ServiceObserver& observer,
       const ServiceClock& clock)
      : launcher_(launcher), observer_(observer), clock_(clock), tasks_(executor) {}

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
    bool removed = false;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  Awaitable<void> keep_scanning(EntryPtr entry);
  Awaitable<bool> wait_for_turn(EntryPtr entry);
  [[nodiscard]] std::optional<UtcTime> due(const Entry& entry);
  [[nodiscard]] seconds some_of(seconds jitter);
  static void remember(Entry& entry, const ScanSummary& summary);

  ScanLauncher& launcher_;
  ServiceObserver& observer_;
  const ServiceClock& clock_;
  TaskGroup tasks_;
  std::map<std::string, EntryPtr> entries_;  // by vCenter
  asio::steady_timer stop_requested_{asio::any_io_executor()};
  std::minstd_rand random_{std::random_device()()};
  bool stopping_ = false;
};

}  // namespace ballast::collector
