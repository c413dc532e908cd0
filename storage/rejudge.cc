#include "storage/rejudge.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include "storage/vm_row.h"

namespace ballast::storage {
namespace {

std::optional<model::KernelEra> era_of(std::string_view word) {
  using model::KernelEra;
  for (const auto era :
       {KernelEra::kEl5, KernelEra::kEl6, KernelEra::kEl7, KernelEra::kEl8, KernelEra::kModern}) {
    if (model::to_string(era) == word) return era;
  }
  return std::nullopt;
}

model::MemoryAccount account_of(const VmRow& row, model::KernelEra era) {
  const GuestRow& guest = *row.guest;
  model::MemoryAccount account;
  account.era = era;
  account.mem_total_kib = guest.mem_total_kib;
  account.unaccounted_kib = guest.unaccounted_kib;
  account.counter_error_kib = guest.counter_error_kib;
  account.unread_fixed_kib = guest.unread_fixed_kib.value_or(0);
  account.unread_varying_kib = reading_error(guest, row.judgement) - guest.counter_error_kib;
  account.driver_kib = guest.driver_kib;
  account.vmstat_kib = guest.vmstat_kib;
  return account;
}

bool same_terms(const model::Judgement& a, const model::Judgement& b) {
  return std::equal(a.tolerance.begin(), a.tolerance.end(), b.tolerance.begin(), b.tolerance.end(),
                    [](const model::ToleranceTerm& x, const model::ToleranceTerm& y) {
                      return x.name == y.name && x.kib == y.kib;
                    });
}

}  // namespace

std::optional<model::Judgement> judge_again(const VmRow& row,
                                            std::span<const model::HistoryPoint> history) {
  if (!row.guest || !row.guest->cpus) return std::nullopt;
  if (row.judgement.reason == model::UnknownReason::kDriverResetting) return std::nullopt;
  const auto era = era_of(row.guest->era);
  if (!era) return std::nullopt;
  const auto account = account_of(row, *era);
  const auto cpus = static_cast<int>(std::clamp<std::int64_t>(*row.guest->cpus, 0, 1 << 16));
  const model::Evidence evidence{account,
                                 row.guest->read_at,
                                 epoch_of(*row.guest),
                                 model::prior_baseline(*era, account.mem_total_kib, cpus),
                                 row.vm.stats.balloon_kib,
                                 row.judgement.bracket};
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

std::size_t history_wanted(const VmRow& row) {
  model::MemoryAccount account;
  if (row.guest) {
    account.driver_kib = row.guest->driver_kib;
    account.vmstat_kib = row.guest->vmstat_kib;
  }
  return model::history_wanted(account, row.vm.stats.balloon_kib);
}

}  // namespace ballast::storage
