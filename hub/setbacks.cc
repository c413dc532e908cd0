#include "hub/setbacks.h"

#include <chrono>

#include "hub/content_id.h"

namespace ballast::hub {
namespace {

constexpr std::string_view kDoing = "sharing setbacks with other collectors";
constexpr std::chrono::seconds kSetbackPatience{10};

std::int64_t ms_of(UtcTime time) { return time.time_since_epoch().count(); }
UtcTime time_of(std::int64_t ms) { return UtcTime(std::chrono::milliseconds(ms)); }

constexpr const char* kForget = R"sql(
DELETE FROM ballast.guest_setback AS old USING unnest($2::text[], $3::text[]) AS told (uuid, moref)
WHERE old.vcenter_id = $1::bigint AND CASE WHEN told.uuid <> '' THEN old.instance_uuid = told.uuid
  ELSE old.instance_uuid = '' AND old.moref = told.moref END
)sql";

// A VM that the hub has not yet gets the id that it will have.
constexpr const char* kRemember = R"sql(
INSERT INTO ballast.guest_setback (vm_id, vcenter_id, reason, failures, last_try_ms, next_try_ms,
  username, instance_uuid, moref)
SELECT DISTINCT ON (vm) coalesce(
    (SELECT id FROM ballast.vm
       WHERE vcenter_id = $1::bigint AND uuid <> '' AND vm.instance_uuid = uuid),
    (SELECT id FROM ballast.vm WHERE vcenter_id = $1::bigint AND vm.moref = told.moref
       AND (uuid = '' OR vm.instance_uuid = '') ORDER BY seq DESC LIMIT 1),
    made_id) AS vm, $1::bigint, reason, failures, last_try, next_try, username, uuid, told.moref
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::text[])
  AS told (made_id, uuid, moref, reason, failures, last_try, next_try, username)
ORDER BY vm, last_try DESC
ON CONFLICT (vcenter_id, vm_id) DO UPDATE SET reason = excluded.reason,
  failures = excluded.failures, last_try_ms = excluded.last_try_ms,
  next_try_ms = excluded.next_try_ms, username = excluded.username,
  instance_uuid = excluded.instance_uuid, moref = excluded.moref
WHERE excluded.last_try_ms >= guest_setback.last_try_ms
)sql";

constexpr const char* kSuspend = R"sql(
INSERT INTO ballast.login_setback (vcenter_id, username, failures, last_try_ms, next_try_ms)
VALUES ($1::bigint, $2, $3::bigint, $4::bigint, $5::bigint)
ON CONFLICT (vcenter_id, username) DO UPDATE SET failures = excluded.failures,
  last_try_ms = excluded.last_try_ms, next_try_ms = excluded.next_try_ms
WHERE excluded.last_try_ms >= login_setback.last_try_ms
)sql";

Status forget(Connection& hub, std::int64_t vcenter, const std::vector<GuestSetback>& guests) {
  std::vector<std::string> uuids;
  std::vector<std::string> morefs;
  for (const GuestSetback& guest : guests) {
    if (guest.setback) continue;
    uuids.push_back(guest.instance_uuid);
    morefs.push_back(guest.moref);
  }
  if (uuids.empty()) return {};
  return hub.execute(kDoing, kForget, vcenter, uuids, morefs);
}

Status remember(Connection& hub, std::int64_t vcenter, const std::vector<GuestSetback>& guests) {
  std::vector<std::int64_t> ids;
  std::vector<std::string> uuids;
  std::vector<std::string> morefs;
  std::vector<std::string> reasons;
  std::vector<std::int64_t> failures;
  std::vector<std::int64_t> last_tries;
  std::vector<std::int64_t> next_tries;
  std::vector<std::string> usernames;
  for (const GuestSetback& guest : guests) {
    if (!guest.setback) continue;
    ids.push_back(vm_id(vcenter, guest.instance_uuid, guest.moref));
    uuids.push_back(guest.instance_uuid);
    morefs.push_back(guest.moref);
    reasons.emplace_back(model::to_string(guest.setback->reason));
    failures.push_back(guest.setback->failures);
    last_tries.push_back(ms_of(guest.setback->last_try));
    next_tries.push_back(ms_of(guest.setback->next_try));
    usernames.push_back(guest.setback->username);
  }
  if (ids.empty()) return {};
  return hub.execute(kDoing, kRemember, vcenter, ids, uuids, morefs, reasons, failures, last_tries,
                     next_tries, usernames);
}

}  // namespace

Result<std::vector<GuestSetback>> read_guest_setbacks(Connection& hub, std::int64_t vcenter) {
  const auto rows = hub.query(kDoing,
                              "SELECT instance_uuid, moref, reason, failures, last_try_ms, "
                              "next_try_ms, username FROM ballast.guest_setback "
                              "WHERE vcenter_id = $1::bigint",
                              vcenter);
  if (!rows) return fail(rows.error());
  std::vector<GuestSetback> guests;
  for (int row = 0; row < rows->size(); ++row) {
    const auto reason = model::reason_from_string(rows->text(row, 2));
    if (!reason) continue;
    guests.push_back({std::string(rows->text(row, 0)), std::string(rows->text(row, 1)),
                      model::Setback{*reason, static_cast<int>(rows->integer(row, 3)),
                                     time_of(rows->integer(row, 4)), time_of(rows->integer(row, 5)),
                                     std::string(rows->text(row, 6))}});
  }
  return guests;
}

Status write_guest_setbacks(Connection& hub, std::int64_t vcenter,
                            const std::vector<GuestSetback>& guests) {
  auto transaction = Transaction::begin(hub, kDoing, kSetbackPatience);
  if (!transaction) return fail(std::move(transaction.error()));
  if (auto done = forget(hub, vcenter, guests); !done) return done;
  if (auto done = remember(hub, vcenter, guests); !done) return done;
  return transaction->commit(kDoing);
}

Result<std::vector<model::LoginSetback>> read_login_setbacks(Connection& hub,
                                                             std::int64_t vcenter) {
  const auto rows = hub.query(kDoing,
                              "SELECT username, failures, last_try_ms, next_try_ms "
                              "FROM ballast.login_setback WHERE vcenter_id = $1::bigint "
                              "ORDER BY username",
                              vcenter);
  if (!rows) return fail(rows.error());
  std::vector<model::LoginSetback> setbacks;
  for (int row = 0; row < rows->size(); ++row) {
    setbacks.push_back({"", std::string(rows->text(row, 0)),
                        static_cast<int>(rows->integer(row, 1)), time_of(rows->integer(row, 2)),
                        time_of(rows->integer(row, 3))});
  }
  return setbacks;
}

Status write_login_setback(Connection& hub, std::int64_t vcenter,
                           const model::LoginSetback& setback) {
  if (setback.failures == 0) {
    return hub.execute(kDoing,
                       "DELETE FROM ballast.login_setback WHERE vcenter_id = $1::bigint "
                       "AND username = $2",
                       vcenter, setback.username);
  }
  return hub.execute(kDoing, kSuspend, vcenter, setback.username, std::int64_t{setback.failures},
                     ms_of(setback.last_try), ms_of(setback.next_try));
}

}  // namespace ballast::hub
