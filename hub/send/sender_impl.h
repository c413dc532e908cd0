// Private to hub/: see upload.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/send/store_reader.h"
#include "hub/send/things.h"
#include "hub/upload.h"

namespace ballast::hub {

class Sender::Impl {
 public:
  Impl(Connection& hub, StoreReader store, std::string collector)
      : hub_(hub), store_(std::move(store)), collector_(std::move(collector)) {}
  Result<SentScan> send_scan(std::int64_t scan, const std::optional<Lease>& lease);
  Result<SentPeriods> send_periods(std::int64_t scan);

 private:
  // A scan and its vCenter as the file has them; the texts are copies.
  struct Scan {
    std::int64_t id = 0;
    std::optional<std::int64_t> vcenter;
    std::string uuid;
    std::string vcenter_url;
    std::string status;
    std::int64_t started_ms = 0;
    std::int64_t finished_ms = 0;
    std::int64_t vms = 0;
    std::int64_t guests_read = 0;
    std::int64_t hosts = 0;
    std::int64_t pools = 0;
    [[nodiscard]] bool has_samples() const { return status != "failed"; }
  };
  struct Vcenter {
    std::int64_t here = 0;
    std::string instance_uuid;
    std::string name;
    std::string url;
    std::string full_name;
    std::string api_version;
  };
  // What the hub says of itself.
  struct HubTimes {
    std::int64_t now_ms = 0;
    std::int64_t ahead_ms = 0;  // of the clock here
    std::int64_t raw_days = 0;
    std::int64_t hourly_days = 0;
    std::int64_t daily_days = 0;
  };
  // Keeps the file at one moment.
  class Moment {
   public:
    explicit Moment(StoreReader& store) : store_(store) {}
    ~Moment() { store_.end(); }
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;

   private:
    StoreReader& store_;
  };
  struct Period {
    std::string kind;  // hour or day
    std::int64_t start_ms = 0;
    std::int64_t length_ms = 0;
    std::int64_t vms = 0;
    bool is_final = false;
    [[nodiscard]] std::string table() const { return "vm_" + kind; }
  };

  Result<Scan> read_scan(std::int64_t scan);
  Result<std::optional<Vcenter>> read_vcenter(const Scan& scan);
  Result<HubTimes> read_times();
  Status check(const Scan& scan, const HubTimes& times) const;

  Result<SentScan> send_now(const Scan& scan, const std::optional<Vcenter>& vcenter,
                            const HubTimes& times, const std::optional<Lease>& lease);
  // Adds the vCenter if it is new, and locks its row until the end of the transaction. What is
  // known of its names is forgotten if another collector sent since. Returns which scan told them.
  Result<std::int64_t> lock_vcenter(std::int64_t id, const Vcenter& vcenter);
  Status check_lease(const Scan& scan, const Lease& lease, const HubTimes& times);
  Result<std::optional<std::int64_t>> find_sent(std::int64_t vcenter, const std::string& uuid);
  Result<std::int64_t> free_number(std::int64_t vcenter, std::int64_t wanted);
  Status rename_vcenter(const Ids& ids, const Vcenter& vcenter);
  // Writes the scan's own row, which makes it visible.
  Status write_scan(const Scan& scan, const Ids& ids, const HubTimes& times);
  // How many rows there are beside those of guests.
  struct Beside {
    std::int64_t suspects = 0;
    std::int64_t trends = 0;
  };
  Result<Beside> count_beside(const Scan& scan);
  // Errors: also if rows are missing in the file.
  Result<std::int64_t> send_samples(const Scan& scan, const Ids& ids);
  Result<std::int64_t> copy(std::string_view table, const std::string& condition, const Ids& ids,
                            std::int64_t owner);
  Status reopen_periods(const Scan& scan, const Ids& ids);
  // Commits, and counts the change of the vCenter. After a failure nothing is known of it.
  Status commit(Transaction& transaction, std::int64_t vcenter);

  Result<std::vector<Period>> missing_periods(const Ids& ids, const HubTimes& times);
  // Where the scans of a period are that the file has it of.
  enum class Scans { kSame, kWaiting, kOthersToo };
  Result<Scans> compare_scans(const Period& period, const Ids& ids);
  Result<Scans> send_period(const Period& period, Ids& ids, const Vcenter& vcenter);
  // Whether the file has the period still as it was when it was found missing in the hub.
  Result<bool> still_has(const Period& period, const Ids& ids);
  Status copy_period(const Period& period, const Ids& ids);
  Status make_parts(const std::string& kind, std::int64_t start_ms);
  // Has the hub build what is over and not among `waiting`. Returns how many that were.
  Result<int> build_periods(const Ids& ids, const Vcenter& vcenter,
                            const std::set<std::pair<std::string, std::int64_t>>& waiting);

  struct Fleet {
    Things things;
    std::int64_t changes = 0;  // of the vCenter in the hub, when we looked last
  };

  Connection& hub_;
  StoreReader store_;
  std::string collector_;
  std::map<std::int64_t, Fleet> fleets_;  // by the hub's id of the vCenter
};

}  // namespace ballast::hub
