// /proc/allocinfo: call sites and what they hold.
#include "base/text.h"
#include "model/parse/allocinfo.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

void check(std::string_view text) {
  const auto sites = model::parse_allocinfo(text);
  if (!sites) return require_presentable(sites.error());
  require(sites->balloon_kib.value_or(0) >= 0, "a balloon holds no less than nothing");
  if (sites->largest) {
    require(sites->largest->kib >= 1024, "what is small is no suspect");
    require(sites->largest->detail.size() < 1024, "a detail is bounded");
  }
  const auto both = model::parse_allocinfo(twice(text));
  require(both.has_value(), "lines that were understood are, twice");
  require(both->balloon_kib.value_or(0) == 2 * sites->balloon_kib.value_or(0),
          "every line of the balloon counts");
  require(both->largest.has_value() == sites->largest.has_value(), "so do the others");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ballast::fuzz::check(ballast::fuzz::text_of(data, size));
  return 0;
}
