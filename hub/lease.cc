#include "hub/lease.h"

#include <fmt/format.h>

namespace ballast::hub {
namespace {

constexpr std::chrono::seconds kTurnPatience{10};

}  // namespace

Result<std::vector<Lease>> take_turn(Connection& hub, const std::string& holder,
                                     const std::vector<std::string>& keys,
                                     const std::vector<std::string>& busy,
                                     std::chrono::milliseconds lease_time) {
  constexpr std::string_view kDoing = "sharing the vCenters with other collectors";
  auto transaction = Transaction::begin(hub, kDoing, kTurnPatience);
  if (!transaction) return fail(transaction.error());
  const auto rows = hub.query(
      kDoing,
      "SELECT key, its_epoch FROM ballast.take_turn($1, $2::text[], $3::text[], $4::interval)",
      holder, keys, busy, fmt::format("{} milliseconds", lease_time.count()));
  if (!rows) return fail(rows.error());
  if (auto committed = transaction->commit(kDoing); !committed) return fail(committed.error());
  std::vector<Lease> leases;
  for (int row = 0; row < rows->size(); ++row) {
    leases.push_back({std::string(rows->text(row, 0)), rows->integer(row, 1)});
  }
  return leases;
}

Result<std::vector<LeaseHolder>> lease_holders(Connection& hub) {
  const auto rows =
      hub.query("asking who scans which vCenter",
                "SELECT vcenter_key, holder, epoch, CASE WHEN holder = '' THEN 0 ELSE "
                "(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint END "
                "FROM ballast.lease ORDER BY vcenter_key");
  if (!rows) return fail(rows.error());
  std::vector<LeaseHolder> holders;
  for (int row = 0; row < rows->size(); ++row) {
    holders.push_back({std::string(rows->text(row, 0)), std::string(rows->text(row, 1)),
                       rows->integer(row, 2), std::chrono::milliseconds(rows->integer(row, 3))});
  }
  return holders;
}

Status give_back(Connection& hub, const std::string& holder) {
  return hub.execute("giving back the vCenters", "SELECT ballast.give_back($1)", holder);
}

}  // namespace ballast::hub
