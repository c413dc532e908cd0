#include "model/judged_guest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/account/suspects.h"

namespace ballast::model {

namespace {

constexpr auto kChannels = std::to_array<std::pair<Channel, std::string_view>>({
    {Channel::kNone, ""},
    {Channel::kFile, "file"},
    {Channel::kGuestinfo, "guestinfo"},
    {Channel::kReport, "report"},
});

}  // namespace

std::string_view to_string(Channel channel) {
  const auto* found = std::find_if(kChannels.begin(), kChannels.end(),
                                   [channel](const auto& row) { return row.first == channel; });
  return found == kChannels.end() ? std::string_view() : found->second;
}

Channel channel_from_string(std::string_view text) {
  const auto* found = std::find_if(kChannels.begin(), kChannels.end(),
                                   [text](const auto& row) { return row.second == text; });
  return found == kChannels.end() ? Channel::kNone : found->first;
}

Result<GuestSample> make_guest_sample(const GuestReading& reading, UtcTime read_at) {
  auto account = account_memory(reading);
  if (!account) return fail(account.error());
  GuestSample sample;
  sample.read_at = read_at;
  sample.kernel_release = reading.kernel_release;
  sample.boot_id = reading.boot_id;
  sample.cpus = cpus_of(reading);
  sample.host_balloon_kib = reading.host_balloon_kib;
  sample.pressure = reclaim_pressure(reading);
  sample.suspects = find_suspects(reading, *account);
  sample.account = std::move(*account);
  return sample;
}

// From the difference, so that it is right of stored samples whatever their rules were.
std::optional<std::int64_t> JudgedGuest::judged_balloon_kib() const {
  const auto difference = difference_kib();
  if (!difference) return std::nullopt;
  return guest->account.unaccounted_kib - judgement.baseline.kib - *difference;
}

std::optional<std::int64_t> JudgedGuest::difference_kib() const {
  if (!guest || judgement.reason == UnknownReason::kBalloonFigureUnset) return std::nullopt;
  return judgement.difference_kib;
}

std::optional<std::int64_t> JudgedGuest::shown_balloon_kib() const {
  const auto judged = judged_balloon_kib();
  return judged ? judged : vm.stats.balloon_kib;
}

std::optional<std::int64_t> JudgedGuest::memory_kib() const {
  if (vm.configured_kib || !guest) return vm.configured_kib;
  return guest->account.mem_total_kib;
}

bool JudgedGuest::has_balloon() const {
  return vm.stats.balloon_kib.value_or(0) > 0 || shown_balloon_kib().value_or(0) > 0;
}

bool is_leak_only(const Judgement& judgement) {
  return judgement.verdict == Verdict::kExcess && judgement.leak &&
         judgement.difference_kib <= judgement.tolerance_kib;
}

std::string_view to_string(ScanStatus status) {
  switch (status) {
    case ScanStatus::kRunning:
      return "running";
    case ScanStatus::kComplete:
      return "complete";
    case ScanStatus::kPartial:
      return "partial";
    case ScanStatus::kFailed:
      break;
  }
  return "failed";
}

}  // namespace ballast::model
