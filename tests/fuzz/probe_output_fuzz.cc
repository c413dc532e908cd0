// The whole way of a guest's text: probe output, reading, account, verdict.
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/probe_output.h"
#include "tests/fuzz/account_properties.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

// Prints a reading as the probe would. Lines begin with a blank, so that no name from a guest can
// become a marker.
class Printer {
 public:
  explicit Printer(const model::GuestReading& reading) : reading_(reading) {}

  std::string print() {
    text_ = "@@ballast begin 1\n";
    add_words();
    add_tables();
    add_balloon();
    add_numbers();
    return text_ + "@@ballast end\n";
  }

 private:
  void mark(std::string_view section) { text_ += fmt::format("@@ballast {}\n", section); }
  void word(std::string_view section, std::string_view value) {
    mark(section);
    text_ += fmt::format(" {}\n", trim(value));
  }
  template <class Value>
  void number(std::string_view section, const std::optional<Value>& value, int times = 1,
              int per = 1) {
    if (value) word(section, std::to_string(*value * times / per));
  }

  void add_words();
  void add_tables();
  void add_balloon();
  void add_numbers();

  const model::GuestReading& reading_;
  std::string text_;
};

void Printer::add_words() {
  word("release", reading_.kernel_release);
  word("boot_id", reading_.boot_id);
  word("zswap_pool", reading_.zswap_pool);
  word("uid", reading_.as_root ? "0" : "1000");
}

void Printer::add_tables() {
  mark("meminfo");
  for (const auto& [name, value] : reading_.meminfo) {
    text_ += fmt::format("{}: {} kB\n", name, as_printed(value));
  }
  mark("vmstat");
  for (const auto& [name, value] : reading_.vmstat) {
    text_ += fmt::format(" {} {}\n", name, as_printed(value));
  }
  mark("hugepages");
  for (const auto& pool : reading_.hugepage_pools) {
    text_ += fmt::format("{} {}\n", pool.page_kib, pool.pages);
  }
  if (!reading_.zones) return;
  mark("zoneinfo");
  const auto& zones = *reading_.zones;
  text_ +=
      fmt::format("pcp {}\nmanaged {}\npresent {}\nthreshold {}\ncpus {}\n", zones.pcp_pages,
                  zones.managed_pages, zones.present_pages, zones.stat_threshold_pages, zones.cpus);
}

void Printer::add_balloon() {
  const auto& balloon = reading_.balloon;
  word("modules", balloon.module);
  if (!balloon.current_kib) return;
  mark("vmmemctl");
  text_ += fmt::format("is resetting: {}\n", balloon.resetting ? "y" : "n");
  if (balloon.target_kib) text_ += fmt::format("target: {} pages\n", *balloon.target_kib / 4);
  text_ += fmt::format("current: {} pages\n", *balloon.current_kib / 4);
}

void Printer::add_numbers() {
  number("uptime", reading_.uptime_s);
  number("processes", reading_.processes);
  number("stalls", std::optional(reading_.stalls));
  number("crash_size", reading_.crash_kernel_kib, 1024);
  number("vmalloc", reading_.vmalloc_kib, 1, kPageKib);
  number("zram", reading_.zram_kib, 1024);
  if (reading_.clock) {
    const auto since = reading_.clock->time_since_epoch();
    word("clock", std::to_string(std::chrono::floor<std::chrono::seconds>(since).count()));
  }
  if (reading_.threads) word("loadavg", fmt::format("0.0 0.0 0.0 1/{} 9", *reading_.threads));
  if (reading_.possible_cpus)
    word("possible_cpus", fmt::format("0-{}", *reading_.possible_cpus - 1));
  if (!reading_.pressure) return;
  mark("pressure");
  const auto line = [this](std::string_view kind, std::int64_t centi, std::int64_t total) {
    text_ += fmt::format("{} avg10={}.{:02} total={}\n", kind, centi / 100, centi % 100, total);
  };
  line("some", reading_.pressure->some_avg10_centi, reading_.pressure->some_total_us);
  line("full", reading_.pressure->full_avg10_centi, reading_.pressure->full_total_us);
}

std::string print(const model::GuestReading& reading) { return Printer(reading).print(); }

// What is cut off is refused, or everything that counts was before the cut.
void check_cut(std::string_view text, std::size_t size, const std::string& whole) {
  const auto cut = model::parse_probe_output(text.substr(0, size));
  require(!cut || print(*cut) == whole, "an output that was cut off is never half used");
}

void check(std::string_view text) {
  const auto reading = model::parse_probe_output(text);
  if (!reading) return require_presentable(reading.error());
  for (const auto& note : reading->notes) require_printable(note, "a note is printable");
  const auto printed = print(*reading);
  const auto again = model::parse_probe_output(printed);
  require(again && print(*again) == printed, "what is printed is read back the same");
  require(again->notes.empty(), "what is printed is understood");
  check_cut(text, text.size() / 2, printed);
  check_cut(text, text.size() - text.size() % 32, printed);
  const auto noise = model::parse_probe_output(std::string(text) + "\nnoise\n");
  require(noise && print(*noise) == printed, "what follows the end marker is skipped");
  check_account_and_verdicts(*reading);
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ballast::fuzz::check(ballast::fuzz::text_of(data, size));
  return 0;
}
