#include "storage/rejudge.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/history/judge_history.h"
#include "model/parse/numbers.h"
#include "storage/read/vm_row.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/sql_error.h"
#include "storage/sqlite/wrapping.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kRejudging = "judging stored samples again";
constexpr std::int64_t kRejudgedTogether = 500;  // samples in one transaction

// What the store does not keep of an account follows from the judgement's terms.
model::MemoryAccount account_of(const model::JudgedGuest& row) {
  model::MemoryAccount account = row.guest->account;
  const auto term = [&row](std::string_view name) {
    std::int64_t kib = 0;
    for (const auto& one : row.judgement.tolerance) {
      if (one.name == name) kib = plus(kib, one.kib);
    }
    return kib;
  };
  const bool learned = row.judgement.baseline.samples > 0;
  account.unread_varying_kib = minus(term("unread"), learned ? 0 : account.unread_fixed_kib);
  account.estimate_kib = term("estimate");
  account.reading_kib = term("reading");
  return account;
}

bool plausible(std::optional<std::int64_t> kib) {
  return !kib || (*kib >= -model::kMaxNumber && *kib <= model::kMaxNumber);
}

// A damaged file may hold absurd figures, which would overflow while judging.
bool plausible(const model::MemoryAccount& account, std::optional<std::int64_t> balloon_kib) {
  return plausible(balloon_kib) && plausible(account.mem_total_kib) &&
         plausible(account.unaccounted_kib) && plausible(account.counter_error_kib) &&
         plausible(account.unread_fixed_kib) && plausible(account.unread_varying_kib) &&
         plausible(account.estimate_kib) && plausible(account.reading_kib) &&
         plausible(account.driver_kib) && plausible(account.vmstat_kib);
}

bool same_terms(const model::Judgement& a, const model::Judgement& b) {
  return std::equal(a.tolerance.begin(), a.tolerance.end(), b.tolerance.begin(), b.tolerance.end(),
                    [](const model::ToleranceTerm& x, const model::ToleranceTerm& y) {
                      return x.name == y.name && x.kib == y.kib;
                    });
}

std::string verdict_words(const model::Judgement& judgement) {
  const auto proof = model::to_string(judgement.proof);
  const auto verdict = model::to_string(judgement.verdict);
  return proof.empty() ? std::string(verdict) : fmt::format("{} {}", verdict, proof);
}

std::vector<GuestHistory::Moment> scans_since(SQLite::Database& db, UtcTime since) {
  SQLite::Statement statement(db,
                              "SELECT vcenter_id, id, started_ms FROM usable_scan "
                              "WHERE started_ms >= ?1 ORDER BY id");
  std::vector<GuestHistory::Moment> scans;
  for (BoundStatement row(statement, static_cast<std::int64_t>(since.time_since_epoch().count()));
       row.step();) {
    scans.push_back(
        {row.integer(0), row.integer(1), UtcTime(std::chrono::milliseconds(row.integer(2)))});
  }
  return scans;
}

void count(RejudgeReport& report, const model::Judgement& before, const model::Judgement& after) {
  ++report.changed;
  const VerdictChange change{verdict_words(before), verdict_words(after)};
  if (change.first != change.second) ++report.verdicts[change];
}

}  // namespace

std::optional<model::Judgement> judge_again(const model::JudgedGuest& row,
                                            std::span<const model::HistoryPoint> history) {
  if (!row.guest || !row.guest->cpus) return std::nullopt;
  // What these verdicts come from is not stored, so they cannot be reached again.
  if (row.judgement.reason == model::UnknownReason::kDriverResetting ||
      row.judgement.reason == model::UnknownReason::kInconsistent ||
      row.judgement.reason == model::UnknownReason::kReclaiming) {
    return std::nullopt;
  }
  const auto account = account_of(row);
  if (!plausible(account, row.vm.stats.balloon_kib)) return std::nullopt;
  const auto cpus = static_cast<int>(std::clamp<std::int64_t>(*row.guest->cpus, 0, 1 << 16));
  const model::Evidence evidence{account,
                                 row.guest->read_at,
                                 epoch_of(*row.guest),
                                 model::prior_baseline(account.era, account.mem_total_kib, cpus),
                                 row.vm.stats.balloon_kib,
                                 row.judgement.bracket,
                                 row.guest->channel == model::Channel::kReport};
  return model::judge_with_history(evidence, history);
}

bool same_judgement(const model::Judgement& a, const model::Judgement& b) {
  const auto figures = [](const model::Judgement& one) {
    return std::tie(one.verdict, one.proof, one.reason, one.baseline.kib, one.baseline.spread_kib,
                    one.baseline.samples, one.tolerance_kib, one.reference_kib, one.difference_kib,
                    one.bracket, one.lockstep, one.leak);
  };
  return figures(a) == figures(b) && same_terms(a, b);
}

std::size_t history_wanted(const model::JudgedGuest& row) {
  const auto account = row.guest ? row.guest->account : model::MemoryAccount();
  return model::history_wanted(account, row.vm.stats.balloon_kib);
}

Result<std::optional<std::int64_t>> Rejudging::some(const GuestHistory::Moment& moment,
                                                    std::int64_t last, bool dry_run,
                                                    RejudgeReport& report) {
  RowCursor rows(
      connection_.db(),
      select_samples("WHERE sample.vcenter_id = ?1 AND sample.scan_id = ?2 AND sample.vm_id > ?3 "
                     "ORDER BY sample.vm_id LIMIT ?4"));
  VmRowReader reader(connection_.db());
  std::optional<std::int64_t> newest;
  std::vector<model::JudgedGuest> changed;
  std::vector<model::HistoryPoint> points;
  for (const auto run = rows.run(moment.vcenter_id, moment.scan_id, last, kRejudgedTogether);
       rows.step();) {
    model::JudgedGuest row;
    points.clear();
    if (!reader.read(rows, row) || !history_.read(moment, row.vm_id, history_wanted(row), points)) {
      return fail(damaged(connection_.path(), kRejudging,
                          fmt::format("sample of VM {}", rows.integer(kVmIdColumn))));
    }
    newest = row.vm_id;
    auto judgement = judge_again(row, points);
    if (!judgement) continue;
    ++report.judged;
    if (same_judgement(*judgement, row.judgement)) continue;
    count(report, row.judgement, *judgement);
    row.judgement = std::move(*judgement);
    changed.push_back(std::move(row));
  }
  reader.rest();
  if (dry_run || changed.empty()) return newest;
  const ResultTables::Scan scan{moment.scan_id, moment.vcenter_id, moment.started_at};
  SQLite::Transaction transaction(connection_.db(), SQLite::TransactionBehavior::IMMEDIATE);
  for (const model::JudgedGuest& row : changed) results_.rewrite(scan, row);
  transaction.commit();
  return newest;
}

Result<RejudgeReport> Rejudging::run(UtcTime since, bool dry_run) {
  return connection_.attempt(kRejudging, [&]() -> Result<RejudgeReport> {
    RejudgeReport report;
    for (const auto& moment : scans_since(connection_.db(), since)) {
      ++report.scans;
      std::int64_t last = 0;
      while (true) {
        const auto done = some(moment, last, dry_run, report);
        if (!done) return fail(done.error());
        if (!*done) break;
        last = **done;
      }
    }
    return report;
  });
}

}  // namespace ballast::storage
