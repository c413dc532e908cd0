// The parsers that take a line or a number; every one of them gets the whole input.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/kernel_release.h"
#include "model/parse/numbers.h"
#include "model/parse/proc_files.h"
#include "model/parse/small_files.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

std::string print(const model::MemoryPressure& stalls) {
  const auto line = [](std::string_view kind, std::int64_t centi, std::int64_t total) {
    return fmt::format("{} avg10={}.{:02} avg60=0.00 avg300=0.00 total={}\n", kind, centi / 100,
                       centi % 100, total);
  };
  return line("some", stalls.some_avg10_centi, stalls.some_total_us) +
         line("full", stalls.full_avg10_centi, stalls.full_total_us);
}

void check_pressure(std::string_view text) {
  const auto stalls = model::parse_pressure(text);
  if (!stalls) return require_presentable(stalls.error());
  for (const auto centi : {stalls->some_avg10_centi, stalls->full_avg10_centi}) {
    require(centi >= 0 && centi <= 10000, "an average is at most 100 %");
  }
  for (const auto total : {stalls->some_total_us, stalls->full_total_us}) {
    require(total >= 0 && total <= model::kMaxNumber, "a total is in range");
  }
  const auto again = model::parse_pressure(print(*stalls));
  require(again && print(*again) == print(*stalls), "what is printed is read back the same");
  require(!model::parse_pressure(twice(text)), "lines that occur twice are refused");
}

void check_cpu_list(std::string_view text) {
  const auto cpus = model::count_cpus(text);
  if (!cpus) return require_presentable(cpus.error());
  require(*cpus >= 1 && *cpus <= 1 << 16, "the CPUs are in range");
  const auto list = std::string(trim(text));
  require(!model::count_cpus(list + "," + list), "ranges that overlap are refused");
  const auto more = model::count_cpus(list + ",65535");
  require(!more || *more == *cpus + 1, "each CPU is counted once");
}

void check_vmallocinfo(std::string_view text) {
  const auto kib = model::parse_vmallocinfo(text);
  if (!kib) return require_presentable(kib.error());
  const auto pages = *kib / kPageKib;
  require(*kib == kib_from_pages(pages), "the sum is in whole pages");
  require(pages >= 0 && pages <= model::kMaxNumber, "the sum is in range");
  const auto both = model::parse_vmallocinfo(twice(text));
  require(both.has_value() == (2 * pages <= model::kMaxNumber),
          "a sum is refused exactly when it is out of range");
  require(!both || *both == 2 * *kib, "every line is summed");
  require(!model::parse_vmallocinfo(std::string(text) + "\nx vmalloc pages=\n"),
          "a line without its number is refused");
}

void check_kernel_release(std::string_view text) {
  using model::KernelVendor;
  const auto release = model::parse_kernel_release(text);
  const auto minor = release.minor;
  require(std::min({release.major, minor, release.rhel}) >= 0, "a version is not negative");
  require(release.rhel == 0 || (release.rhel >= 5 && release.rhel <= 99), "RHEL is 5 or later");
  require(release.vendor != KernelVendor::kRhel || release.rhel > 0, "a RHEL kernel has its RHEL");
  require(release.at_least(release.major, minor), "a version is at least itself");
  require(!release.at_least(release.major, minor + 1), "a version is older than the next");
  require(!model::to_string(release.vendor).empty(), "a vendor has a name");
}

void check_numbers(std::string_view text) {
  const auto number = model::parse_number(text);
  const auto counter = model::parse_counter(text);
  if (number) {
    require(*number >= 0 && *number <= model::kMaxNumber, "a number is in range");
    require(text.size() <= 20, "a number has at most twenty digits");
    require(counter == number, "a number is a counter");
    const auto digits = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
    require(fmt::format("{}", *number) == digits, "a number is its digits");
  } else if (counter) {
    require(*counter < 0 && *counter >= -(std::int64_t{1} << 33), "a counter wraps only a little");
    require(fmt::format("{}", as_printed(*counter)) == text, "a counter is its digits");
  }
}

void check_single_figures(std::string_view text) {
  for (const auto& figure : {model::parse_uptime(text), model::parse_threads(text),
                             model::parse_zram_device(text), model::parse_single(text, 4096)}) {
    if (!figure) {
      require_presentable(figure.error());
    } else {
      require(*figure >= 0 && *figure <= model::kMaxNumber, "a figure is in range");
    }
  }
  const auto pages = model::find_first_chunk_pages(text);
  require(!pages || (*pages > 0 && *pages <= 4096), "a first chunk is in range");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = ballast::fuzz::text_of(data, size);
  ballast::fuzz::check_pressure(text);
  ballast::fuzz::check_cpu_list(text);
  ballast::fuzz::check_vmallocinfo(text);
  ballast::fuzz::check_kernel_release(text);
  ballast::fuzz::check_numbers(text);
  ballast::fuzz::check_single_figures(text);
  return 0;
}
