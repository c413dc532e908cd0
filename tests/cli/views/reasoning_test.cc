// The verdict in one sentence.
#include <gtest/gtest.h>

#include "base/units.h"
#include "cli/views/text/evidence.h"
#include "fleet/sentences.h"

namespace ballast::cli {

using namespace output;
using namespace fleet;
namespace {

using model::Judgement;
using model::Verdict;

Judgement excess(std::int64_t difference_mib, std::optional<std::int64_t> leak_mib_per_day) {
  Judgement judgement;
  judgement.verdict = Verdict::kExcess;
  judgement.tolerance_kib = 22 * kKibPerMib;
  judgement.difference_kib = difference_mib * kKibPerMib;
  const UtcTime since = *parse_iso8601("2026-03-02T00:00:00Z");
  if (leak_mib_per_day) judgement.leak = model::Leak{*leak_mib_per_day * kKibPerMib, 1, 2, since};
  return judgement;
}

TEST(Reasoning, SentenceOfAnExcess) {
  struct Case {
    Judgement judgement;
    std::int64_t balloon_mib;
    const char* sentence;
  };
  const Case cases[] = {
      {excess(300, {}), 256,
       "the guest misses 300 MiB more than the 256 MiB that its balloon holds."},
      {excess(300, {}), 0,
       "300 MiB is missing in the guest, and there is no balloon to explain it."},
      {excess(300, 40), 256,
       "the guest misses 300 MiB more than the 256 MiB that its balloon holds; the gap grows by "
       "40.0 MiB a day."},
      {excess(-15, 40), 256,
       "it leaks: beside the 256 MiB in its balloon, unaccounted memory has grown by 40.0 MiB a "
       "day since 2026-03-02 00:00 UTC."},
      {excess(22, 40), 0,
       "it leaks: without a balloon, unaccounted memory has grown by 40.0 MiB a day since "
       "2026-03-02 00:00 UTC."},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(sentence_of(c.judgement, c.balloon_mib * kKibPerMib, "vCenter"), c.sentence);
  }
}

TEST(Reasoning, OnlyAnExcessThatTheReadingExplainsIsALeakAlone) {
  EXPECT_TRUE(is_leak_only(excess(22, 40)));
  EXPECT_TRUE(is_leak_only(excess(-700, 40))) << "the balloon is hidden, and it leaks";
  EXPECT_FALSE(is_leak_only(excess(23, 40)));
  EXPECT_FALSE(is_leak_only(excess(10, {})));
}

}  // namespace
}  // namespace ballast::cli
