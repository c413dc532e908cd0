// What the product's claim stands on: real guests, a balloon of exactly known size, the real probe
// run by real shells, parser, account and verdict.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/units.h"
#include "model/account.h"
#include "model/probe_output.h"
#include "model/verdict.h"
#include "model/vmallocinfo.h"
#include "model/vmstat.h"
#include "model/zoneinfo.h"
#include "tests/model/captures.h"
#include "tests/model/probe_runner.h"

namespace ballast::test {
namespace {

using model::GuestReading;
using model::MemoryAccount;
using model::Verdict;

constexpr std::int64_t kAtRest = 1024;     // KiB
constexpr std::int64_t kUnderLoad = 2560;  // KiB

struct Probed {
  Capture capture;
  GuestReading reading;
  MemoryAccount account;

  [[nodiscard]] std::int64_t residual_kib() const {
    return account.unaccounted_kib - capture.balloon_kib;
  }
  [[nodiscard]] std::int64_t hypervisor_kib() const {
    return capture.balloon_kib / kKibPerMib * kKibPerMib;
  }
  // Memory that no counter of that kernel has, and no balloon took; or a balloon of the kind that
  // lowers MemTotal.
  [[nodiscard]] bool hides_memory() const {
    const auto& label = capture.label;
    const bool large_kmalloc =
        label.ends_with("K") && label.find("kmalloc_00") == std::string::npos;
    if (capture.boot == "eras/rhel81/n_neg_kmalloc") return large_kmalloc;
    if (capture.boot == "eras/rhel7/n_neg_zram") return label != "000MB_baseline";
    if (capture.boot == "n_neg_brd") return label == "300MB";
    if (capture.is("i_no_deflate")) return capture.balloon_kib > 0;
    return label == "300MB_alloc_pages";
  }
};

Probed probe(GuestShell shell, const Capture& capture) {
  const auto run = run_probe(shell, capture.root);
  if (run.exit_status != 0) throw std::runtime_error(capture.name() + ": the probe failed");
  auto reading = model::parse_probe_output(run.output);
  if (!reading) throw std::runtime_error(capture.name() + ": " + reading.error().message);
  auto account = model::account_memory(*reading);
  if (!account) throw std::runtime_error(capture.name() + ": " + account.error().message);
  return {capture, std::move(*reading), std::move(*account)};
}

std::vector<Probed> probe_all(GuestShell shell) {
  std::vector<Probed> all;
  for (const auto& capture : captures()) all.push_back(probe(shell, capture));
  return all;
}

const std::vector<Probed>& probed() {
  static const auto all = probe_all(GuestShell::kDash);
  return all;
}

// The balloon-free residual of each boot.
std::map<std::string, std::int64_t> references() {
  std::map<std::string, std::int64_t> by_boot;
  for (const auto& guest : probed()) {
    if (guest.capture.is_reference()) by_boot[guest.capture.boot] = guest.residual_kib();
  }
  return by_boot;
}

// The scenario in which a process takes all memory there is while the reading is made.
bool under_load(const Probed& guest) {
  return guest.capture.is("f_pressure") && guest.capture.label != "0_after";
}

TEST(Accuracy, UnaccountedFollowsTheBalloon) {
  const auto reference = references();
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> worst;  // kernel: rest, load
  std::map<std::string, int> count;
  for (const auto& guest : probed()) {
    if (guest.hides_memory()) continue;
    const auto error = guest.residual_kib() - reference.at(guest.capture.boot);
    EXPECT_LE(std::abs(error), under_load(guest) ? kUnderLoad : kAtRest)
        << guest.capture.name() << ": the account is " << format_size(error) << " off";
    auto& [rest, load] = worst[guest.capture.kernel()];
    auto& side = under_load(guest) ? load : rest;
    side = std::max(side, std::abs(error));
    ++count[guest.capture.kernel()];
  }
  for (const auto& [kernel, errors] : worst) {
    const auto mib = [](std::int64_t kib) { return static_cast<double>(kib) / kKibPerMib; };
    std::cout << fmt::format("{:12} {:3} captures, largest error at rest {:.2f} MiB", kernel,
                             count[kernel], mib(errors.first));
    if (errors.second > 0) std::cout << fmt::format(", under load {:.2f} MiB", mib(errors.second));
    std::cout << "\n";
  }
  EXPECT_EQ(worst.size(), 5U) << "captures of a kernel are missing";
}

TEST(Accuracy, HiddenMemoryShowsInFull) {
  const auto reference = references();
  int seen = 0;
  for (const auto& guest : probed()) {
    if (!guest.hides_memory() || guest.capture.balloon_kib > 0) continue;
    const std::int64_t hidden = guest.capture.label.starts_with("300MB") ? 300 : 100;
    const auto more = guest.residual_kib() - reference.at(guest.capture.boot);
    EXPECT_LE(std::abs(more - kib_from_mib(hidden)), kAtRest) << guest.capture.name();
    ++seen;
  }
  EXPECT_EQ(seen, 9) << "RAM disk, driver, zram on 3.10, large kmalloc on 4.18.0-147";
}

TEST(Accuracy, BalloonsAreFoundWithThePrior) {
  int balloons = 0;
  for (const auto& guest : probed()) {
    if (guest.capture.balloon_kib == 0 || guest.hides_memory()) continue;
    const auto prior = model::prior_baseline(guest.reading, guest.account);
    const auto judgement = model::judge(guest.account, prior, guest.hypervisor_kib());
    EXPECT_EQ(judgement.verdict, Verdict::kBalloon)
        << guest.capture.name() << " came out as " << to_string(judgement.verdict) << ", "
        << format_size(judgement.difference_kib) << " off, tolerance "
        << format_size(judgement.tolerance_kib);
    const bool fed = guest.capture.driver == "virtio" || guest.capture.driver == "vmw_balloon";
    EXPECT_TRUE(!fed || judgement.proof == model::Proof::kDriver) << guest.capture.name();
    ++balloons;
  }
  EXPECT_GT(balloons, 100);
}

TEST(Accuracy, NoBalloonIsFoundWhereNoneIs) {
  for (const auto& guest : probed()) {
    if (guest.capture.balloon_kib > 0) continue;
    const auto prior = model::prior_baseline(guest.reading, guest.account);
    const auto judgement = model::judge(guest.account, prior, 0);
    EXPECT_EQ(judgement.verdict, guest.hides_memory() ? Verdict::kExcess : Verdict::kClean)
        << guest.capture.name() << " came out as " << to_string(judgement.verdict);
    // Not even if the hypervisor has a figure that is not the size of what is hidden.
    for (const std::int64_t wrong : {200, 512, 1024}) {
      EXPECT_NE(model::judge(guest.account, prior, kib_from_mib(wrong)).verdict, Verdict::kBalloon)
          << guest.capture.name() << " with " << wrong << " MiB";
    }
  }
}

TEST(Accuracy, ABalloonThatLowersMemTotalIsHidden) {
  int hidden = 0;
  for (const auto& guest : probed()) {
    if (!guest.capture.is("i_no_deflate") || guest.capture.balloon_kib == 0) continue;
    auto account = guest.account;
    account.vmstat_kib.reset();  // it feeds the counters too; the sum has to be enough
    const auto prior = model::prior_baseline(guest.reading, account);
    EXPECT_EQ(model::judge(account, prior, guest.hypervisor_kib()).verdict, Verdict::kHidden);
    EXPECT_EQ(model::judge(guest.account, prior, guest.hypervisor_kib()).verdict, Verdict::kHidden);
    ++hidden;
  }
  EXPECT_EQ(hidden, 3);
}

// Without root there is no vmallocinfo and no status file: the verdicts must hold all the same.
TEST(Accuracy, WithoutRoot) {
  for (const auto& guest : probed()) {
    auto reading = guest.reading;
    reading.vmalloc_kib.reset();
    reading.balloon.current_kib.reset();
    const auto account = model::account_memory(reading).value();
    const auto prior = model::prior_baseline(reading, account);
    const auto verdict = model::judge(account, prior, guest.hypervisor_kib()).verdict;
    const auto name = guest.capture.name();
    if (guest.capture.balloon_kib == 0) {
      EXPECT_NE(verdict, Verdict::kBalloon) << name;
    } else if (!guest.hides_memory()) {
      EXPECT_EQ(verdict, Verdict::kBalloon) << name << " came out as " << to_string(verdict);
    }
  }
}

TEST(Accuracy, EraOfEachKernel) {
  const std::map<std::string, model::KernelEra> eras = {
      {"eras/rhel7", model::KernelEra::kEl7},   {"eras/rhel81", model::KernelEra::kEl8},
      {"eras/rhel8", model::KernelEra::kEl8},   {"6.1", model::KernelEra::kModern},
      {"eras/u619", model::KernelEra::kModern},
  };
  for (const auto& guest : probed()) {
    EXPECT_EQ(guest.account.era, eras.at(guest.capture.kernel())) << guest.capture.name();
    auto unnamed = guest.reading;
    unnamed.kernel_release.clear();
    EXPECT_EQ(model::account_memory(unnamed)->unaccounted_kib, guest.account.unaccounted_kib)
        << guest.capture.name() << ": the fields alone lead to another formula";
  }
}

// -- the probe against the files themselves

TEST(Probe, BusyboxReadsTheSameAsDash) {
  const auto busybox = probe_all(GuestShell::kBusybox);
  ASSERT_EQ(busybox.size(), probed().size());
  for (std::size_t i = 0; i < busybox.size(); ++i) {
    const auto& one = probed()[i];
    const auto& other = busybox[i];
    EXPECT_EQ(other.reading.meminfo, one.reading.meminfo) << one.capture.name();
    EXPECT_EQ(other.reading.vmstat, one.reading.vmstat) << one.capture.name();
    EXPECT_EQ(other.reading.threads, one.reading.threads) << one.capture.name();
    EXPECT_EQ(other.account.unaccounted_kib, one.account.unaccounted_kib) << one.capture.name();
    EXPECT_EQ(other.account.driver_kib, one.account.driver_kib) << one.capture.name();
  }
}

TEST(Probe, SumsInTheGuestAreWhatTheParsersSum) {
  for (const auto& guest : probed()) {
    const auto& name = guest.capture.name();
    const auto proc = guest.capture.root / "proc";
    const auto zones = model::parse_zoneinfo(read_text(proc / "zoneinfo"));
    ASSERT_TRUE(zones && guest.reading.zones) << name;
    EXPECT_EQ(zones->pcp_pages, guest.reading.zones->pcp_pages) << name;
    EXPECT_EQ(zones->managed_pages, guest.reading.zones->managed_pages) << name;
    EXPECT_EQ(zones->present_pages, guest.reading.zones->present_pages) << name;
    EXPECT_EQ(zones->stat_threshold_pages, guest.reading.zones->stat_threshold_pages) << name;
    EXPECT_EQ(zones->cpus, guest.reading.zones->cpus) << name;
    EXPECT_EQ(kib_from_pages(zones->managed_pages), guest.reading.meminfo.at("MemTotal")) << name;
    const auto text = read_text(proc / "vmallocinfo");
    EXPECT_EQ(guest.reading.vmalloc_kib.has_value(), !text.empty()) << name;
    if (!text.empty()) {
      EXPECT_EQ(model::parse_vmallocinfo(text).value(), guest.reading.vmalloc_kib) << name;
    }
    const auto vmstat = model::parse_vmstat(read_text(proc / "vmstat")).value();
    for (const auto& [counter, value] : guest.reading.vmstat) {
      EXPECT_EQ(vmstat.at(counter), value) << name << ": " << counter;
    }
  }
}

TEST(Probe, PressureCountersOfEachEraArePickedUp) {
  const std::map<std::string, std::vector<std::string>> wanted = {
      {"eras/rhel7", {"allocstall", "pgscan_direct_normal", "pgsteal_direct_dma32", "pswpin"}},
      {"eras/rhel8",
       {"allocstall_normal", "pgscan_direct", "pgsteal_direct", "oom_kill",
        "workingset_refault_anon", "nr_zspages", "nr_isolated_file"}},
      {"6.1", {"allocstall_normal", "oom_kill", "balloon_inflate", "nr_zspages"}},
      {"eras/u619", {"nr_memmap_pages", "nr_balloon_pages", "balloon_deflate", "pswpout"}},
  };
  for (const auto& guest : probed()) {
    const auto row = wanted.find(guest.capture.kernel());
    if (row == wanted.end()) continue;
    for (const auto& counter : row->second) {
      EXPECT_TRUE(guest.reading.vmstat.contains(counter)) << guest.capture.name() << counter;
    }
    EXPECT_FALSE(guest.reading.vmstat.contains("pgfault")) << "the output is to stay small";
  }
}

}  // namespace
}  // namespace ballast::test
