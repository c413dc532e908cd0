#include "storage/read/guest_history.h"

#include <algorithm>
#include <utility>

#include "model/history/judge_history.h"
#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

// There is one choice for each scan under way and each number of points asked for.
constexpr std::size_t kMostChoices = 16;

std::vector<std::int64_t> spread(const std::vector<std::int64_t>& all, std::size_t most) {
  if (all.size() <= most || most == 0) return all;
  std::vector<std::int64_t> chosen;
  // From the newest, which counts most, backwards.
  for (std::size_t i = 0; i < most; ++i) {
    chosen.push_back(all[all.size() - 1 - i * all.size() / most]);
  }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

GuestHistory::GuestHistory(SQLite::Database& db)
    : select_scans_(db,
                    "SELECT id FROM usable_scan WHERE vcenter_id = ?1 AND id < ?2 AND "
                    "started_ms >= ?3 ORDER BY id"),
      rows_(db) {}

const std::vector<std::int64_t>& GuestHistory::scans(const Moment& moment, std::size_t most) {
  const auto known = std::find_if(choices_.begin(), choices_.end(), [&](const Choice& choice) {
    return choice.moment == moment && choice.most == most;
  });
  if (known != choices_.end()) return known->scans;

  std::vector<std::int64_t> all;
  const UtcTime since = moment.started_at - model::kHistoryWindow;
  for (BoundStatement row(select_scans_, moment.vcenter_id, moment.scan_id,
                          static_cast<std::int64_t>(since.time_since_epoch().count()));
       row.step();) {
    all.push_back(row.integer(0));
  }
  if (choices_.size() == kMostChoices) choices_.erase(choices_.begin());
  choices_.push_back({moment, most, spread(all, most)});
  return choices_.back().scans;
}

bool GuestHistory::read(const Moment& moment, std::int64_t vm_id, std::size_t most,
                        std::vector<model::HistoryPoint>& points) {
  const bool sound = read_points(moment, vm_id, most, points);
  rows_.rest();
  return sound;
}

bool GuestHistory::read_points(const Moment& moment, std::int64_t vm_id, std::size_t most,
                               std::vector<model::HistoryPoint>& points) {
  for (const std::int64_t scan : scans(moment, most)) {
    std::optional<model::HistoryPoint> point;
    if (!rows_.read_point(moment.vcenter_id, scan, vm_id, point)) return false;
    if (point) points.push_back(std::move(*point));
  }
  return true;
}

}  // namespace ballast::storage
