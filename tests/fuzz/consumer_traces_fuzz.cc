// The files in which consumers of uncounted pages leave a trace, and what becomes of the traces.
#include "base/text.h"
#include "model/account/suspects.h"
#include "model/parse/consumer_traces.h"
#include "model/parse/numbers.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

// The same text as each of the files: a line that is none of its own is passed over by all of them.
model::GuestReading reading_of(std::string_view text) {
  model::GuestReading reading;
  const model::TraceFiles files = {text, text, text, text, text, text,
                                   text, text, text, text, text, text};
  model::read_traces(files, reading);
  return reading;
}

void check_traces(const model::GuestReading& reading) {
  for (const auto& trace : reading.traces) {
    require(trace.kib.value_or(0) >= 0, "no consumer holds less than nothing");
    require(trace.kib.value_or(0) <= model::kMaxNumber * 4, "a size is in range");
    require(trace.detail.size() <= 4096, "a detail is bounded");
    require_printable(model::describe(trace), "a suspect can be shown");
  }
  for (const auto& note : reading.notes) require_printable(note, "a note can be shown");
}

void check_suspects(const model::GuestReading& reading) {
  model::MemoryAccount account;
  account.mem_total_kib = 1 << 20;
  const auto suspects = model::find_suspects(reading, account);
  require(suspects.size() <= reading.traces.size() + 2, "there are no more suspects than traces");
  for (const auto& suspect : suspects) {
    require(suspect.kib.value_or(0) <= account.mem_total_kib, "no suspect is beyond MemTotal");
  }
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reading = ballast::fuzz::reading_of(ballast::fuzz::text_of(data, size));
  ballast::fuzz::check_traces(reading);
  ballast::fuzz::check_suspects(reading);
  return 0;
}
