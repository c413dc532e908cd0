#include "collector/judge_guest.h"

#include <utility>

#include "model/probe_output.h"
#include "model/suspects.h"

namespace ballast::collector {

namespace {

Result<model::GuestSample> understand(const std::string& output, UtcTime read_at) {
  auto reading = model::parse_probe_output(output);
  if (!reading) return fail(reading.error());
  auto account = model::account_memory(*reading);
  if (!account) return fail(account.error());
  auto suspects = model::find_suspects(*reading, *account);
  return model::GuestSample{read_at, std::move(*reading), std::move(*account), std::move(suspects)};
}

}  // namespace

model::VmResult judge_guest(model::VmView vm, const std::string& output, UtcTime read_at) {
  model::VmResult result;
  result.vm = std::move(vm);
  auto sample = understand(output, read_at);
  if (!sample) {
    result.judgement = model::unknown(model::UnknownReason::kOutputUnreadable);
    result.detail = sample.error().sentence();
    return result;
  }
  const auto baseline = model::prior_baseline(sample->reading, sample->account);
  result.judgement = model::judge(sample->account, baseline, result.vm.stats.balloon_kib);
  result.guest = std::move(*sample);
  return result;
}

}  // namespace ballast::collector
