// Text from crash, through to the account and the verdict.
#include "model/crash/text.h"
#include "tests/fuzz/account_properties.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

void check_traces(const model::VmcoreEvidence& evidence) {
  require(evidence.traces.size() <= 4096, "the number of traces is bounded");
  for (const auto& trace : evidence.traces) {
    require(trace.frames.size() <= 256, "the number of frames is bounded");
    require(trace.is_balloon() || !trace.allocating(), "only a balloon's allocations are told");
  }
  const auto* balloon = evidence.balloon_trace();
  require(balloon == nullptr || balloon->is_balloon(), "the balloon's trace is one");
}

void check_text(std::string_view text) {
  const auto crash = model::parse_crash_text(text);
  if (!crash) return require_presentable(crash.error());
  require(!crash->evidence.recognised.empty(), "text without anything of crash is refused");
  check_traces(crash->evidence);
  check_account_and_verdicts(crash->reading);
  auto complete = crash->reading;
  complete.meminfo.emplace("MemTotal", std::int64_t{16} << 20);
  complete.meminfo.emplace("MemFree", 1 << 20);
  check_account_and_verdicts(complete);
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = ballast::fuzz::text_of(data, size);
  (void)ballast::model::looks_like_crash_text(text);
  ballast::fuzz::check_text(text);
  return 0;
}
