#include "collector/probe/probe_queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ballast::collector {

namespace {

PendingProbe take_first(std::deque<PendingProbe>& probes) {
  PendingProbe probe = std::move(probes.front());
  probes.pop_front();
  return probe;
}

// What a guest looks like from outside: its system, and its name up to the first digit.
std::string kind_of(const model::VmView& vm) {
  return vm.guest_id + '\n' + vm.name.substr(0, vm.name.find_first_of("0123456789"));
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
  Waiting& waiting = aside_[probe.credentials->username];
  auto& place =
      probe.guest == LoginGuard::Guest::kKnown ? waiting.known : waiting.fresh[kind_of(probe.vm)];
  place.push_back(std::move(probe));
}

PendingProbe ProbeQueue::take_fresh(Waiting& waiting) {
  const auto order = [&waiting](const auto& kind) {
    return std::make_tuple(!waiting.tried_kinds.contains(kind.first), kind.second.size());
  };
  const auto best =
      std::max_element(waiting.fresh.begin(), waiting.fresh.end(),
                       [&](const auto& a, const auto& b) { return order(a) < order(b); });
  waiting.tried_kinds.insert(best->first);
  PendingProbe probe = take_first(best->second);
  if (best->second.empty()) waiting.fresh.erase(best);
  return probe;
}

void ProbeQueue::bring_back(const std::string& username, std::size_t most, bool new_guests_too) {
  const auto found = aside_.find(username);
  if (found == aside_.end()) return;
  Waiting& waiting = found->second;
  for (; most > 0 && !waiting.known.empty(); --most) push(take_first(waiting.known));
  if (!new_guests_too) return;
  for (; most > 0 && !waiting.fresh.empty(); --most) push(take_fresh(waiting));
}

void ProbeQueue::bring_all_back(const std::string& username) {
  const auto found = aside_.find(username);
  if (found == aside_.end()) return;
  Waiting waiting = std::move(found->second);
  aside_.erase(found);
  for (auto& probe : waiting.known) push(std::move(probe));
  for (auto& [kind, probes] : waiting.fresh) {
    for (auto& probe : probes) push(std::move(probe));
  }
}

std::vector<std::string> ProbeQueue::awaited_logins() const {
  std::vector<std::string> usernames;
  for (const auto& [username, waiting] : aside_) usernames.push_back(username);
  return usernames;
}

std::optional<PendingProbe> ProbeQueue::take_unstarted() {
  for (auto& [host, queue] : hosts_) {
    if (!queue.waiting.empty()) return take_first(queue.waiting);
  }
  for (auto& [username, waiting] : aside_) {
    if (!waiting.known.empty()) return take_first(waiting.known);
    if (!waiting.fresh.empty()) return take_fresh(waiting);
  }
  return std::nullopt;
}

}  // namespace ballast::collector
