// Lists every VM of a vCenter as a scan does, with the client of a scan, and stores nothing: what
// tests/bench/peers do with other libraries. Prints what it cost as a line of JSON.
//
//   poll URL CA_FILE USERNAME PASSWORD_FILE
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "vsphere/client.h"

namespace ballast::bench {

namespace {

struct Listed {
  std::size_t vms = 0;
  std::size_t pages = 0;
  std::int64_t balloon_kib = 0;
  std::chrono::duration<double, std::milli> took{0};
};

Secret password_in(const std::string& path) {
  std::ifstream file(path);
  return Secret(std::string(std::istreambuf_iterator<char>(file), {}));
}

Awaitable<Result<Listed>> read_pages(collector::VmPages& listing) {
  Listed out;
  while (true) {
    auto page = co_await listing.next();
    if (!page) co_return fail(std::move(page.error()));
    if (page->empty()) co_return out;
    ++out.pages;
    out.vms += page->size();
    for (const auto& vm : *page) out.balloon_kib += vm.stats.balloon_kib.value_or(0);
  }
}

Awaitable<Result<Listed>> list_all(vsphere::Client& client) {
  auto connected = co_await client.connect();
  if (!connected) co_return fail(std::move(connected.error()));
  const auto began = std::chrono::steady_clock::now();
  auto listing = co_await client.list_vms();
  if (!listing) co_return fail(std::move(listing.error()));
  auto listed = co_await read_pages(**listing);
  if (listed) listed->took = std::chrono::steady_clock::now() - began;
  co_await (*listing)->close();
  co_return listed;
}

Awaitable<void> run(vsphere::Client& client, Result<Listed>& out) {
  out = co_await list_all(client);
  co_await client.disconnect();
}

double cpu_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

int list(char** arguments) {
  boost::asio::io_context io;
  boost::asio::thread_pool pool(2);
  vsphere::ClientOptions options;
  options.name = "vCenter";
  options.url = arguments[1];
  options.trust.ca_file = arguments[2];
  options.username = arguments[3];
  options.password = password_in(arguments[4]);
  auto client = vsphere::Client::create(io.get_executor(), pool, std::move(options));
  if (!client) {
    fmt::print(stderr, "{}\n", client.error().sentence());
    return 1;
  }
  Result<Listed> listed;
  auto task = run(**client, listed);
  boost::asio::co_spawn(io, std::move(task), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
  if (!listed) {
    fmt::print(stderr, "{}\n", listed.error().sentence());
    return 1;
  }
  fmt::print(R"({{"vms": {}, "pages": {}, "balloon_mib": {}, "wall_ms": {:.1f}, "cpu_ms": {:.1f}}})"
             "\n",
             listed->vms, listed->pages, listed->balloon_kib / 1024, listed->took.count(),
             cpu_ms());
  return 0;
}

}  // namespace

}  // namespace ballast::bench

int main(int count, char** arguments) {
  if (count == 5) return ballast::bench::list(arguments);
  fmt::print(stderr, "usage: poll URL CA_FILE USERNAME PASSWORD_FILE\n");
  return 2;
}
