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

}  // namespace
}  // namespace ballast::collector
