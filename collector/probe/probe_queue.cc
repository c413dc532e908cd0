#include "collector/probe/probe_queue.h"

#include <utility>

namespace ballast::collector {

namespace {

PendingProbe take_first(std::deque<PendingProbe>& probes) {
  PendingProbe probe = std::move(probes.front());
  probes.pop_front();
  return probe;
}

}  // namespace

void ProbeQueue::push(PendingProbe probe) {
  auto& queue = hosts_[probe.vm.host_moref];
  queue.waiting.push_back(std::move(probe));
}

std::optional<PendingProbe> ProbeQueue::start_next() {
  if (running_ >= total_limit_) return std::nullopt;
  // The host after the one that was served last, round and round.
  auto it = hosts_.upper_bound(last_served_);
  for (std::size_t looked_at = 0; looked_at < hosts_.size(); ++looked_at, ++it) {
    if (it == hosts_.end()) it = hosts_.begin();
    HostQueue& queue = it->second;
    if (queue.waiting.empty() || queue.running >= host_limit_) continue;
    last_served_ = it->first;
    ++queue.running;
    ++running_;
    return take_first(queue.waiting);
  }
  return std::nullopt;
}

void ProbeQueue::done(const std::string& host_moref) {
  --hosts_[host_moref].running;
  --running_;
}

void ProbeQueue::put_aside(PendingProbe probe) {
  // It was handed out as running, and its place must be free for another.
  done(probe.vm.host_moref);
  auto& waiting = aside_[probe.credentials->username];
  waiting.push_back(std::move(probe));
}

void ProbeQueue::bring_back(const std::string& username, std::size_t most) {
  const auto waiting = aside_.find(username);
  if (waiting == aside_.end()) return;
  for (; most > 0 && !waiting->second.empty(); --most) push(take_first(waiting->second));
}

std::optional<PendingProbe> ProbeQueue::take_unstarted() {
  for (auto& [host, queue] : hosts_) {
    if (!queue.waiting.empty()) return take_first(queue.waiting);
  }
  for (auto& [username, waiting] : aside_) {
    if (!waiting.empty()) return take_first(waiting);
  }
  return std::nullopt;
}

}  // namespace ballast::collector
