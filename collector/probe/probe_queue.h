// The guests that wait for their probe. They are handed out so that neither a vCenter nor one of
// its hosts gets too many at once, and no host's backlog holds up the others.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/choice/login_guard.h"
#include "collector/ports/guest_operations.h"
#include "model/inventory.h"

namespace ballast::collector {

struct PendingProbe {
  model::VmView vm;
  const GuestCredentials* credentials = nullptr;  // belongs to the GuestChoice
  LoginGuard::Guest guest = LoginGuard::Guest::kNew;
};

class ProbeQueue {
 public:
  ProbeQueue(std::size_t concurrency, std::size_t concurrency_per_host)
      : total_limit_(concurrency), host_limit_(concurrency_per_host) {}

  void push(PendingProbe probe);
  // Returns the next probe that may start now; hosts take turns. It counts as running until done()
  // is called with its host. nullopt if nothing waits, or every limit is reached.
  std::optional<PendingProbe> start_next();
  void done(const std::string& host_moref);
  // Takes back what start_next() gave, in place of done(): it waits for its login, and others go
  // on.
  void put_aside(PendingProbe probe);
  // Puts at most `most` of those that wait for this login back into the queue: guests that were read
  // before come first; the others, if they may, by kind, each kind once before one comes again, and
  // the most frequent kind first. So a few appliances do not stand for the fleet.
  void bring_back(const std::string& username, std::size_t most, bool new_guests_too);
  // Puts all of those that wait for this login back into the queue.
  void bring_all_back(const std::string& username);
  // Returns the logins that somebody waits for.
  [[nodiscard]] std::vector<std::string> awaited_logins() const;
  // Returns any probe that was not started, whatever the limits; nullopt when none is left. For a
  // scan that has ended.
  std::optional<PendingProbe> take_unstarted();

 private:
  struct HostQueue {
    std::deque<PendingProbe> waiting;
    std::size_t running = 0;
  };

  // Those that wait for a login.
  struct Waiting {
    std::deque<PendingProbe> known;
    std::map<std::string, std::deque<PendingProbe>> fresh;  // by kind; none of them empty
    std::set<std::string> tried_kinds;
  };
  static PendingProbe take_fresh(Waiting& waiting);

  std::size_t total_limit_;
  std::size_t host_limit_;
  std::size_t running_ = 0;
  std::map<std::string, HostQueue> hosts_;
  std::map<std::string, Waiting> aside_;  // by user name
  std::string last_served_;               // hosts take turns in the order of their morefs
};

}  // namespace ballast::collector
