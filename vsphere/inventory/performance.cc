#include "vsphere/inventory/performance.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "vsphere/inventory/mapping.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere {

namespace {

constexpr const char* kCounters = "perfCounter";
constexpr const char* kCountersHint =
    "see that the user's role holds System.View and System.Read at the vCenter root";
constexpr const char* kGone = "ManagedObjectNotFound";
constexpr const char* kLimitOption = "config.vpxd.stats.maxQueryMetrics";
constexpr std::string_view kTooManyMetrics = "querySpec.size";

// vCenter's own default, and more than this is never asked for, even of a server that sets no limit
// or a higher one: queries of thousands of metrics have exhausted vpxd.
constexpr std::size_t kMostMetrics = 256;

// How often one query is halved to find the objects that make the server refuse it. Each such
// object takes at most 2 log2(256) halvings.
constexpr int kMostSplits = 256;

// A host's newest state may be missing ("no data") for a sample or two.
constexpr std::chrono::seconds kStateSpan{60};
// Realtime samples are kept for an hour.
constexpr std::chrono::seconds kLongestSpan{3600};

std::size_t limit_from(const std::string& text) {
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool is_limit = error == std::errc() && stop == end && value > 0;  // not "", "-1", "0"
  return is_limit ? std::min(value, kMostMetrics) : kMostMetrics;
}

Result<std::string> decode_limit(std::string_view answer) {
  return decode_query_options(answer, kLimitOption);
}

bool is_too_large(const Error& error) {
  return error.fault == "InvalidArgument" &&
         error.message.find(kTooManyMetrics) != std::string::npos;
}

// The server refuses a whole query for one object among many.
bool may_be_of_one_object(const Error& error) {
  return error.fault == kGone || error.fault == "InvalidArgument";
}

std::vector<model::CounterSample> balloon_of(const std::vector<MetricSample>& samples) {
  std::vector<model::CounterSample> out;
  out.reserve(samples.size());
  for (const auto& sample : samples) out.push_back({sample.at, sample.value});
  return out;
}

}  // namespace

Performance::Performance(Session& session) : session_(session), turn_(session.executor(), 1) {}

Awaitable<Result<std::vector<model::BalloonCounters>>> Performance::balloon_counters(
    std::vector<std::string> vms, std::chrono::seconds span) {
  const std::string doing = "reading the balloon counters";
  auto prepared = co_await prepare(doing);
  if (!prepared) co_return fail(std::move(prepared.error()));
  const auto balloon = counter("vmmemctl", "average");
  const auto target = counter("vmmemctltarget", "average");
  if (!balloon) {
    Error missing{
        ErrorCode::kNotFound, "the server has no counter mem.vmmemctl.average", kCountersHint, {}};
    co_return fail(session_.explained(std::move(missing), doing));
  }
  PerfQuery query{"VirtualMachine", {*balloon}, {}, 1};
  if (target) query.counters.push_back(*target);
  auto all = co_await read(std::move(query), span, vms, doing);
  if (!all) co_return fail(std::move(all.error()));
  std::map<std::string, model::BalloonCounters> by_vm;
  for (const auto& series : *all) {
    auto& counted = by_vm[series.entity];
    if (series.counter == *balloon) counted.balloon = balloon_of(series.samples);
    if (series.counter == target) counted.target_kib = series.samples.back().value;
  }
  std::vector<model::BalloonCounters> out;
  out.reserve(vms.size());
  for (auto& vm : vms) {
    out.push_back(by_vm[vm]);
    out.back().vm = std::move(vm);
  }
  co_return out;
}

Awaitable<Result<std::map<std::string, std::int64_t>>> Performance::host_memory_states(
    std::vector<std::string> hosts) {
  std::map<std::string, std::int64_t> out;
  const std::string doing = "reading the memory states of the hosts";
  auto prepared = co_await prepare(doing);
  if (!prepared) co_return fail(std::move(prepared.error()));
  const auto state = counter("state", "latest");
  if (!state) co_return out;
  PerfQuery query{"HostSystem", {*state}, {}, 1};
  auto all = co_await read(std::move(query), kStateSpan, hosts, doing);
  if (!all) co_return fail(std::move(all.error()));
  for (const auto& series : *all) {
    const bool is_asked = std::find(hosts.begin(), hosts.end(), series.entity) != hosts.end();
    if (is_asked && series.counter == *state) out[series.entity] = series.samples.back().value;
  }
  co_return out;
}

// Asked once: a renewed session is one with the same server.
Awaitable<Status> Performance::prepare(std::string doing) {
  const auto turn = co_await turn_.acquire();
  if (counters_.empty()) {
    auto counters = co_await read_counters(doing);
    if (!counters) co_return fail(std::move(counters.error()));
    counters_ = std::move(*counters);
  }
  if (limit_ == 0) limit_ = co_await read_limit(std::move(doing));
  co_return Status();
}

Awaitable<Result<std::vector<CounterInfo>>> Performance::read_counters(std::string doing) {
  const auto& content = session_.content();
  PropertyPage page;
  if (!content.performance_manager.id.empty()) {
    PropertyQuery query{content.performance_manager, Reach::kObject, {}, 0};
    query.wanted.push_back({"PerformanceManager", {kCounters}});
    auto request = encode_retrieve_properties(content.property_collector, query);
    auto read = co_await session_.call<PropertyPage>(request, doing, decode_properties);
    if (!read) co_return fail(std::move(read.error()));
    page = std::move(*read);
  }
  for (const auto& object : page.objects) {
    const auto* counters = std::get_if<std::vector<CounterInfo>>(&value_of(object, kCounters));
    if (counters != nullptr && !counters->empty()) co_return *counters;
  }
  Error none{ErrorCode::kNotFound, "the server names no performance counters", kCountersHint, {}};
  co_return fail(session_.explained(std::move(none), doing));
}

Awaitable<std::size_t> Performance::read_limit(std::string doing) {
  const auto& options = session_.content().option_manager;
  if (options.id.empty()) co_return kMostMetrics;
  auto request = encode_query_options(options, kLimitOption);
  auto text = co_await session_.call<std::string>(request, std::move(doing), decode_limit);
  if (!text) spdlog::debug("{}; assuming {} metrics", text.error().message, kMostMetrics);
  co_return text ? limit_from(*text) : kMostMetrics;
}

std::optional<std::int64_t> Performance::counter(std::string_view name,
                                                 std::string_view rollup) const {
  const auto found = std::find_if(counters_.begin(), counters_.end(), [&](const auto& counter) {
    return counter.group == "mem" && counter.name == name && counter.rollup == rollup;
  });
  return found == counters_.end() ? std::nullopt : std::optional(found->id);
}

Awaitable<Result<Performance::Series>> Performance::read(PerfQuery query, std::chrono::seconds span,
                                                         Morefs entities, std::string doing) {
  auto ask_time = encode_current_time();
  auto now = co_await session_.call<UtcTime>(ask_time, doing, decode_current_time);
  if (!now) co_return fail(std::move(now.error()));
  span = std::clamp(span, std::chrono::seconds(kRealtimeIntervalS), kLongestSpan);
  query.start = *now - span;
  query.max_samples = static_cast<std::int32_t>(span.count() / kRealtimeIntervalS) + 1;
  Work work;
  if (!entities.empty()) work.pieces.push_back(std::move(entities));
  Series out;
  while (!work.pieces.empty()) {
    Morefs piece = next_piece(query, work);
    auto request = encode_query_perf(session_.content().performance_manager, query, piece);
    auto answer = co_await session_.call<Series>(request, doing, decode_query_perf);
    if (answer) {
      work.is_answered = true;
      std::move(answer->begin(), answer->end(), std::back_inserter(out));
    } else if (auto error = put_back(query, std::move(piece), std::move(answer.error()), work)) {
      co_return fail(std::move(*error));
    }
  }
  if (work.refusal && !work.is_answered) co_return fail(std::move(*work.refusal));
  co_return out;
}

Performance::Morefs Performance::next_piece(const PerfQuery& query, Work& work) const {
  const std::size_t most = std::max<std::size_t>(1, limit_ / query.counters.size());
  Morefs piece = std::move(work.pieces.front());
  work.pieces.pop_front();
  if (piece.size() > most) {
    const auto rest = piece.begin() + static_cast<std::ptrdiff_t>(most);
    work.pieces.emplace_front(std::make_move_iterator(rest), std::make_move_iterator(piece.end()));
    piece.erase(rest, piece.end());
  }
  return piece;
}

// A piece that was refused is asked for again in halves, until only the object to blame is left;
// that one stays without samples. Returns an error if the whole query has to end.
std::optional<Error> Performance::put_back(const PerfQuery& query, Morefs piece, Error error,
                                           Work& work) {
  if (!may_be_of_one_object(error)) return error;
  if (is_too_large(error)) {
    if (piece.size() == 1) {
      error.hint = std::string("set ") + kLimitOption + " of this vCenter to 64 or more";
      return error;
    }
    limit_ = std::min(limit_, piece.size() / 2 * query.counters.size());
    work.pieces.push_front(std::move(piece));
    return std::nullopt;
  }
  if (piece.size() == 1) {
    if (error.fault != kGone) work.refusal = std::move(error);
    return std::nullopt;
  }
  if (++work.splits > kMostSplits) {
    spdlog::warn("{}; {} objects are left out", error.message, piece.size());
    return std::nullopt;
  }
  const auto half = piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 2);
  work.pieces.emplace_front(half, piece.end());
  work.pieces.emplace_front(piece.begin(), half);
  return std::nullopt;
}

}  // namespace ballast::vsphere
