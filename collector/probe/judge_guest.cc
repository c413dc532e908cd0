#include "collector/probe/judge_guest.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "model/history/judge_history.h"
#include "model/parse/probe_output.h"

namespace ballast::collector {

namespace {

// How long vCenter keeps 20 s samples.
constexpr std::chrono::seconds kRealtimeKept{3600};
constexpr std::chrono::seconds kBeforePoll{60};
// In a large fleet a guest's turn comes long after the poll. How far the balloon was from the
// poll's figure shortly before the reading tells as much as all the time since the poll.
constexpr std::chrono::minutes kBeforeReading{45};
// How many guests' counters are asked for in one call.
constexpr std::size_t kCountersTogether = 64;

// A report's moment is told by the guest's clock.
std::chrono::minutes clock_error_of(const ReadGuest& read) {
  return std::chrono::minutes(read.guest.channel == model::Channel::kReport ? 2 : 0);
}

// Between which moments, by our clock, the balloon may have moved from one figure to the other.
struct Span {
  UtcTime from;
  UtcTime to;
};

Span span_between_figures(const ReadGuest& read) {
  const auto error = clock_error_of(read);
  const auto [first, last] = std::minmax(read.vm.polled_at, read.guest.read_at);
  const UtcTime to = std::min<UtcTime>(last + error, now_utc());
  return {std::max<UtcTime>(first - error, to - kBeforeReading), to};
}

// Returns how far back counters are needed: to before the oldest poll.
std::chrono::seconds span_of(const std::vector<ReadGuest>& reads) {
  const UtcTime now = now_utc();
  UtcTime oldest = now;
  for (const auto& read : reads) {
    oldest = std::min({oldest, read.vm.polled_at, read.guest.read_at - clock_error_of(read)});
  }
  const auto span = std::chrono::ceil<std::chrono::seconds>(now - oldest) + kBeforePoll;
  return std::min(span, kRealtimeKept);
}

std::string epoch_of(const model::GuestSample& guest) {
  return model::guest_epoch(guest.boot_id, guest.kernel_release, guest.account.mem_total_kib,
                            guest.account.missing);
}

model::Baseline prior_of(const model::GuestSample& guest) {
  return model::prior_baseline(guest.account.era, guest.account.mem_total_kib,
                               static_cast<int>(guest.cpus.value_or(0)));
}

}  // namespace

Awaitable<std::vector<model::JudgedGuest>> GuestJudge::add(ReadGuest read) {
  std::vector<model::JudgedGuest> results;
  // Nothing is left to ask for where Tools told the figure. Of a report's moment nothing is known
  // without the counters.
  const bool told = read.guest.host_balloon_kib.has_value();
  const bool is_report = read.guest.channel == model::Channel::kReport;
  if (is_report || (!told && model::is_ballooned(read.guest.account, read.vm.stats.balloon_kib))) {
    if (gathered_.empty()) gathering_since_ = TimePoint::clock::now();
    gathered_.push_back(std::move(read));
  } else {
    auto result = co_await judge_in(std::nullopt, std::move(read));
    results.push_back(std::move(result));
  }
  if (!is_gathering_over()) co_return results;
  auto others = co_await judge_gathered();
  std::move(others.begin(), others.end(), std::back_inserter(results));
  co_return results;
}

bool GuestJudge::is_gathering_over() const {
  if (gathered_.empty()) return false;
  return gathered_.size() >= kCountersTogether ||
         TimePoint::clock::now() - gathering_since_ >= options_.longest_gathering;
}

Awaitable<std::vector<model::JudgedGuest>> GuestJudge::judge_gathered() {
  auto reads = std::exchange(gathered_, {});
  if (reads.empty()) co_return std::vector<model::JudgedGuest>();
  const auto counters = co_await counters_of(reads);
  std::vector<model::JudgedGuest> results;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    std::optional<model::BalloonBracket> bracket;
    if (i < counters.size()) {
      const auto span = span_between_figures(reads[i]);
      bracket = model::bracket_between(counters[i], span.from + options_.clock_ahead,
                                       span.to + options_.clock_ahead);
    }
    auto result = co_await judge_in(bracket, std::move(reads[i]));
    results.push_back(std::move(result));
  }
  co_return results;
}

Awaitable<model::JudgedGuest> GuestJudge::judge_in(std::optional<model::BalloonBracket> bracket,
                                                   ReadGuest read) {
  const auto history = co_await history_of(read);
  const auto& guest = read.guest;
  // Tools told the figure of the hypervisor itself while the guest was read: nothing moved since.
  if (guest.host_balloon_kib) {
    const auto kib = *guest.host_balloon_kib;
    bracket = model::BalloonBracket{kib, kib, bracket ? bracket->target_kib : std::nullopt};
  }
  const model::Evidence evidence{guest.account,
                                 guest.read_at,
                                 epoch_of(guest),
                                 prior_of(guest),
                                 read.vm.stats.balloon_kib,
                                 bracket,
                                 guest.channel == model::Channel::kReport};
  model::JudgedGuest result;
  result.judgement = model::judge_with_history(evidence, history);
  result.vm = std::move(read.vm);
  result.guest = std::move(read.guest);
  co_return result;
}

Awaitable<std::vector<model::HistoryPoint>> GuestJudge::history_of(const ReadGuest& read) {
  GuestKey key{read.vm.instance_uuid, read.vm.moref};
  const auto wanted = model::history_wanted(read.guest.account, read.vm.stats.balloon_kib);
  auto history = co_await store_.guest_history(scan_, std::move(key), wanted);
  if (history) co_return std::move(*history);
  warn_once(warned_of_history_, "verdicts are given without the guests' history", history.error());
  co_return std::vector<model::HistoryPoint>();
}

Awaitable<std::vector<model::BalloonCounters>> GuestJudge::counters_of(
    const std::vector<ReadGuest>& reads) {
  std::vector<std::string> vms;
  for (const auto& read : reads) vms.push_back(read.vm.moref);
  auto asked = vcenter_.balloon_counters(std::move(vms), span_of(reads));
  Deadline end(ending_.calls(), from_now(options_.counters_deadline));
  auto counters = co_await finish_by(end, std::move(asked));
  if (counters && *counters) co_return std::move(**counters);
  const Error late{ErrorCode::kTimeout,
                   ending_.has_begun()
                       ? "no answer before the scan had to end"
                       : "no answer within " + format_duration(options_.counters_deadline),
                   "", ""};
  warn_once(warned_of_counters_, "verdicts are given without the balloon's counters",
            counters ? counters->error() : late);
  co_return std::vector<model::BalloonCounters>();
}

void GuestJudge::warn_once(bool& warned, const std::string& what, const Error& error) const {
  const auto level = warned ? spdlog::level::debug : spdlog::level::warn;
  warned = true;
  const LogAbout about({.vcenter = options_.vcenter_name, .scan = scan_});
  spdlog::log(level, "{}: {}", what, error.sentence());
}

}  // namespace ballast::collector
