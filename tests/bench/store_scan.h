// How the benchmarks of the store write a scan, and read their arguments.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "storage/store.h"
#include "tests/bench/store_vms.h"

namespace ballast::bench {

// Ends the program where something fails: a figure of half the work is worse than none.
inline void require(const Status& done) {
  if (done) return;
  fmt::print(stderr, "{}\n", done.error().message);
  std::exit(1);
}
template <class T>
T require(Result<T> value) {
  if (value) return std::move(*value);
  fmt::print(stderr, "{}\n", value.error().message);
  std::exit(1);
}

// "--name value" pairs after the first argument.
class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 2; i + 1 < argc; i += 2) values_[argv[i]] = argv[i + 1];
  }
  [[nodiscard]] std::string text(const std::string& name, const std::string& usual) const {
    const auto found = values_.find(name);
    return found == values_.end() ? usual : found->second;
  }
  [[nodiscard]] int number(const std::string& name, int usual) const {
    return std::atoi(text(name, std::to_string(usual)).c_str());
  }
  [[nodiscard]] std::vector<int> numbers(const std::string& name, const std::string& usual) const {
    std::vector<int> all;
    std::string rest = text(name, usual);
    for (std::size_t comma = 0; !rest.empty(); rest.erase(0, comma)) {
      comma = rest.find(',') == std::string::npos ? rest.size() : rest.find(',') + 1;
      all.push_back(std::atoi(rest.c_str()));
    }
    return all;
  }

 private:
  std::map<std::string, std::string> values_;
};

using Milliseconds = std::chrono::duration<double, std::milli>;

// Writes scan `number` of the fleet as the collector does, in batches of 500 VMs. Gives the time
// that the store took, without that of making the results up.
inline Milliseconds write_scan(storage::Store& store, const Fleet& fleet, int number,
                               UtcTime started_at) {
  constexpr int kBatch = 500;
  Milliseconds spent{0};
  const auto timed = [&spent](auto job) {
    const auto began = std::chrono::steady_clock::now();
    require(job());
    spent += std::chrono::steady_clock::now() - began;
  };
  const auto hosts = fleet.hosts(number);
  const auto pools = fleet.pools();
  storage::ScanId scan = 0;
  timed([&]() -> Status {
    scan = require(store.begin_scan({"prod", "https://vcenter.example.org/sdk", started_at}));
    return store.write_vcenter(scan, Fleet::about());
  });
  timed([&] { return store.write_hosts(scan, hosts); });
  timed([&] { return store.write_pools(scan, pools); });
  std::vector<model::JudgedGuest> batch;
  for (int vm = 0; vm < fleet.vms(); ++vm) {
    batch.push_back(fleet.result(vm, number, started_at));
    if (batch.size() < kBatch && vm + 1 < fleet.vms()) continue;
    timed([&] { return store.write_results(scan, batch); });
    batch.clear();
  }
  timed([&] {
    return store.finish_scan(
        scan, {model::ScanStatus::kComplete, started_at + std::chrono::minutes(4), ""});
  });
  return spent;
}

}  // namespace ballast::bench
