#include "collector/probe/probe_queue.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

PendingProbe on_host(const std::string& host, const std::string& vm) {
  PendingProbe probe;
  probe.vm.host_moref = host;
  probe.vm.moref = vm;
  return probe;
}

std::vector<std::string> start_all(ProbeQueue& queue) {
  std::vector<std::string> started;
  while (auto probe = queue.start_next()) started.push_back(probe->vm.moref);
  return started;
}

TEST(ProbeQueue, HostsTakeTurns) {
  ProbeQueue queue(10, 10);
  for (const char* vm : {"a1", "a2", "a3"}) queue.push(on_host("a", vm));
  queue.push(on_host("b", "b1"));
  EXPECT_EQ(start_all(queue), (std::vector<std::string>{"a1", "b1", "a2", "a3"}))
      << "a host with a long backlog must not hold up the others";
}

TEST(ProbeQueue, KeepsBothLimits) {
  ProbeQueue queue(3, 2);
  for (const char* vm : {"a1", "a2", "a3"}) queue.push(on_host("a", vm));
  for (const char* vm : {"b1", "b2"}) queue.push(on_host("b", vm));
  EXPECT_EQ(start_all(queue).size(), 3u) << "the vCenter's limit";
  queue.done("b");
  EXPECT_EQ(start_all(queue), std::vector<std::string>{"b2"}) << "host a is at its own limit";
  queue.done("a");
  EXPECT_EQ(start_all(queue), std::vector<std::string>{"a3"});
  EXPECT_FALSE(queue.take_unstarted());
}

TEST(ProbeQueue, GivesBackWhatWasNeverStarted) {
  ProbeQueue queue(1, 1);
  queue.push(on_host("a", "a1"));
  queue.push(on_host("a", "a2"));
  EXPECT_TRUE(queue.start_next());
  EXPECT_EQ(queue.take_unstarted()->vm.moref, "a2");
  EXPECT_FALSE(queue.take_unstarted());
}

// An unproven login is tried first where most guests are.
TEST(ProbeQueue, ThoseThatWaitForALoginComeBackByKind) {
  static const GuestCredentials kLogin{"u", Secret("pw")};
  ProbeQueue queue(100, 100);
  const auto put_aside = [&queue](const std::string& name, LoginGuard::Guest guest) {
    PendingProbe probe = on_host("a", name);
    probe.vm.name = name;
    probe.credentials = &kLogin;
    probe.guest = guest;
    queue.push(std::move(probe));
    queue.put_aside(*queue.start_next());
  };
  for (const char* name : {"nsx-1", "nsx-2", "vrops", "web-1", "web-2", "web-3"}) {
    put_aside(name, LoginGuard::Guest::kNew);
  }
  put_aside("db-1", LoginGuard::Guest::kKnown);
  queue.bring_back("u", 1, false);
  EXPECT_EQ(start_all(queue), std::vector<std::string>{"db-1"}) << "it was read before";
  queue.bring_back("u", 1, false);
  EXPECT_TRUE(start_all(queue).empty()) << "the others may not try yet";
  queue.bring_back("u", 3, true);
  EXPECT_EQ(start_all(queue), (std::vector<std::string>{"web-1", "nsx-1", "vrops"}))
      << "each kind once, the most frequent one first";
  queue.bring_back("u", 1, true);
  EXPECT_EQ(start_all(queue), std::vector<std::string>{"web-2"});
  queue.bring_all_back("u");
  EXPECT_EQ(start_all(queue).size(), 2u);
  EXPECT_TRUE(queue.awaited_logins().empty());
}

}  // namespace
}  // namespace ballast::collector
