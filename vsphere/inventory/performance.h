// Reads realtime counters (PerformanceManager), which every server numbers in its own way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "model/history/balloon_bracket.h"
#include "vsphere/session.h"
#include "vsphere/soap/encode.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// What Client has of QueryPerf. The session must be open and outlive this. The calls of one query
// follow each other, none larger than the server allows: QueryPerf is what overloads a vCenter
// first.
class Performance {
 public:
  explicit Performance(Session& session);

  // Returns the realtime samples of the last `span` of mem.vmmemctl.average and the newest of
  // mem.vmmemctltarget.average; see collector::Vcenter.
  Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span);
  // Returns the newest mem.state.latest; see collector::Vcenter.
  Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts);

 private:
  using Series = std::vector<MetricSeries>;
  using Morefs = std::vector<std::string>;

  // What is left of one query.
  struct Work {
    std::deque<Morefs> pieces;
    int splits = 0;
    bool is_answered = false;      // at least one piece was
    std::optional<Error> refusal;  // what the server said about a single object
  };

  Awaitable<Status> prepare(std::string doing);
  Awaitable<Result<std::vector<CounterInfo>>> read_counters(std::string doing);
  Awaitable<std::size_t> read_limit(std::string doing);
  [[nodiscard]] std::optional<std::int64_t> counter(std::string_view name,
                                                    std::string_view rollup) const;
  Awaitable<Result<Series>> read(PerfQuery query, std::chrono::seconds span, Morefs entities,
                                 std::string doing);
  Morefs next_piece(const PerfQuery& query, Work& work) const;
  std::optional<Error> put_back(const PerfQuery& query, Morefs piece, Error error, Work& work);

  Session& session_;
  Semaphore turn_;  // one prepare() at a time
  std::vector<CounterInfo> counters_;
  std::size_t limit_ = 0;  // metrics in one call; 0: not asked for yet
};

}  // namespace ballast::vsphere
