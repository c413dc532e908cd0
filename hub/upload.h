// Sends what the SQLite file of a collector has to the hub.
//
// A scan goes in one transaction, once: it is known again by its UUID, and everything it refers to
// by ids made of content, so that to send it again – after a connection that broke while it was
// committed, or from a file that was restored – changes nothing. Two collectors may send scans of
// one vCenter at the same time; they do so in turn.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "hub/connection.h"
#include "hub/lease.h"

namespace ballast::hub {

enum class Sent {
  kNow,
  kBefore,   // the hub has it
  kExpired,  // it is older than the hub keeps scans
};

// What a send of a scan tells.
struct SentScan {
  Sent sent = Sent::kNow;
  std::int64_t scan_id = 0;  // in the hub; 0 if it is expired
  std::int64_t rows = 0;     // of samples, hosts and pools
};

struct SentPeriods {
  int sent = 0;
  int built = 0;    // by the hub, of samples that several collectors sent
  int waiting = 0;  // that lack scans of this file in the hub: left for when those are sent
};

// Errors of every call: those of connection.h; kStorage with the file's path for what is wrong with
// the file. After an error nothing was sent, except that after kUnreachable and kTimeout it may
// have been: the next try tells. One thread at a time.
class Sender {
 public:
  // `hub` must outlive it, and is of the role ballast_writer. `path` is the SQLite file,
  // `collector` the name that is stored beside each scan. Errors: also those of require_schema(),
  // and those of opening a file for reading.
  static Result<Sender> open(Connection& hub, const std::string& path, std::string collector);
  ~Sender();
  Sender(Sender&&) noexcept;
  Sender& operator=(Sender&&) noexcept;

  // Sends a scan that ended, of this number in the file: with all its rows, or if it failed, its
  // own alone. `lease` is the one under which it was begun. Errors: also kInvalidArgument if there
  // is no such scan, it is running, or it begins more than five minutes after the hub's present
  // time; kBusy if another collector took the vCenter before the scan ended: it will never be
  // accepted.
  Result<SentScan> send_scan(std::int64_t scan, const std::optional<Lease>& lease = {});

  // Sends the hours and days of the vCenter of this scan that are built in the file and missing in
  // the hub, each in a transaction, and has the hub build those that are over and that no collector
  // has all scans of. After its scans were sent: the hub forgets a period when another scan of it
  // arrives.
  Result<SentPeriods> send_periods(std::int64_t scan);

 private:
  class Impl;
  explicit Sender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::hub
