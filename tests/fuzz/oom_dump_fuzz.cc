// Memory dumps in a kernel's log, through to the account.
#include "model/parse/numbers.h"
#include "model/parse/oom_dump.h"
#include "model/platform.h"
#include "tests/fuzz/account_properties.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

void check_reading(const model::GuestReading& reading) {
  require(reading.from_oom_dump, "a reading says that it is of a dump");
  for (const auto& [name, value] : reading.meminfo) {
    require(value >= 0 && value <= 4 * model::kMaxNumber, "a field is in range");
  }
  for (const auto* unread : {"VmallocUsed", "Percpu", "AnonHugePages"}) {
    require(!reading.meminfo.contains(unread), "what a dump does not have was not read");
  }
  for (const auto& note : reading.notes) require_printable(note, "a note can be shown");
  for (const auto& note : model::platform_notes(reading)) {
    require_printable(note, "a note on the platform can be shown");
  }
  require(reading.platform.machine.size() <= model::kMaxPlatformText, "the machine is bounded");
  check_account_and_verdicts(reading);
}

void check_log(std::string_view log) {
  const auto readings = model::parse_oom_dumps(log);
  if (!readings) return require_presentable(readings.error());
  require(model::looks_like_oom_dump(log), "a log that has dumps looks like one");
  require(!readings->empty() && readings->size() <= 200, "the number of dumps is bounded");
  for (const auto& reading : *readings) check_reading(reading);
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ballast::fuzz::check_log(ballast::fuzz::text_of(data, size));
  return 0;
}
