#include "collector/probe_queue.h"

#include <utility>

namespace ballast::collector {

void ProbeQueue::push(PendingProbe probe) {
  auto& queue = hosts_[probe.vm.host_moref];
  queue.waiting.push_back(std::move(probe));
}

std::optional<PendingProbe> ProbeQueue::take_from(HostQueue& queue) {
  PendingProbe probe = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  return probe;
}

std::optional<PendingProbe> ProbeQueue::start_next() {
  if (running_ >= total_limit_) return std::nullopt;
  auto it = hosts_.upper_bound(last_served_);
  for (std::size_t looked_at = 0; looked_at < hosts_.size(); ++looked_at, ++it) {
    if (it == hosts_.end()) it = hosts_.begin();
    HostQueue& queue = it->second;
    if (queue.waiting.empty() || queue.running >= host_limit_) continue;
    last_served_ = it->first;
    ++queue.running;
    ++running_;
    return take_from(queue);
  }
  return std::nullopt;
}

void ProbeQueue::done(const std::string& host_moref) {
  --hosts_[host_moref].running;
  --running_;
}

std::optional<PendingProbe> ProbeQueue::take_unstarted() {
  for (auto& [host, queue] : hosts_) {
    if (!queue.waiting.empty()) return take_from(queue);
  }
  return std::nullopt;
}

}  // namespace ballast::collector
