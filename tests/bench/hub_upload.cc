// Sends scans of a fleet to a hub, whose schema it makes:
//
//   hub_upload FILE --url "postgresql:///…" [--vms 40000] [--read 100] [--scans 3] [--build 0]
//
// FILE is the SQLite store that it makes up first. The first scan has to add every host, VM and
// state, later ones only what changed. With --build 1 the hub builds the hours and days of them, as
// it does where several collectors scan a vCenter. Prints JSON objects.
#include "hub/schema.h"
#include "hub/upload.h"
#include "tests/bench/store_scan.h"

namespace ballast::bench {
namespace {

using std::chrono::steady_clock;

int run(const std::string& path, const Arguments& arguments) {
  const Fleet fleet(arguments.number("--vms", 40'000), arguments.number("--read", 100));
  const int scans = arguments.number("--scans", 3);
  hub::Settings settings;
  settings.url = arguments.text("--url", "");
  auto connection = require(hub::Connection::open(settings));
  require(hub::init(connection));
  auto store = require(storage::Store::open(path));
  const UtcTime first = std::chrono::floor<std::chrono::hours>(now_utc()) -
                        std::chrono::hours(arguments.number("--age", scans));
  auto sender = require(hub::Sender::open(connection, path, "bench"));
  for (int scan = 0; scan < scans; ++scan) {
    const UtcTime start = first + std::chrono::hours(scan);
    write_scan(*store, fleet, scan, start);
    const auto began = steady_clock::now();
    const auto sent = require(sender.send_scan(start.time_since_epoch().count() / 1000));
    const Milliseconds spent = steady_clock::now() - began;
    fmt::print(
        "{{\"benchmark\":\"hub_upload\",\"vms\":{},\"scan\":{},\"rows\":{},\"ms\":{:.0f},"
        "\"rows_per_s\":{:.0f}}}\n",
        fleet.vms(), scan, sent.rows, spent.count(),
        static_cast<double>(sent.rows) * 1000 / spent.count());
  }
  if (arguments.number("--build", 0) == 0) return 0;
  const auto began = steady_clock::now();
  const auto last = first + std::chrono::hours(scans - 1);
  const auto periods = require(sender.send_periods(last.time_since_epoch().count() / 1000));
  const Milliseconds spent = steady_clock::now() - began;
  fmt::print(
      "{{\"benchmark\":\"hub_build\",\"vms\":{},\"scans\":{},\"periods\":{},"
      "\"ms\":{:.0f}}}\n",
      fleet.vms(), scans, periods.built, spent.count());
  return 0;
}

}  // namespace
}  // namespace ballast::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} FILE --url URL [--option value]…\n", argv[0]);
    return 2;
  }
  return ballast::bench::run(argv[1], ballast::bench::Arguments(argc, argv));
}
