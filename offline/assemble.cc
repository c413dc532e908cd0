#include "offline/assemble.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/allocinfo.h"
#include "model/parse/consumer_traces.h"
#include "model/parse/numbers.h"
#include "model/parse/platform_files.h"
#include "model/parse/proc_files.h"
#include "model/parse/small_files.h"
#include "model/parse/toolbox.h"
#include "model/parse/vmmemctl.h"

namespace ballast::offline {
namespace {

constexpr std::array<std::string_view, 20> kUnneeded = {
    "SwapTotal",     "SwapFree",      "CommitLimit",    "Committed_AS",   "VmallocTotal",
    "VmallocChunk",  "Dirty",         "Writeback",      "Mapped",         "MemAvailable",
    "Mlocked",       "AnonHugePages", "ShmemHugePages", "ShmemPmdMapped", "FileHugePages",
    "FilePmdMapped", "DirectMap4k",   "DirectMap2M",    "DirectMap1G",    "NFS_Unstable"};

// Tells whether the line is "Name: digits kB" with a number that parse_meminfo() refuses.
bool is_absurd(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto name = line.substr(0, colon);
  auto rest = line.substr(colon + 1);
  const auto digits = model::next_word(rest);
  const bool number = !digits.empty() && std::all_of(digits.begin(), digits.end(), model::is_digit);
  return number && !model::parse_counter(digits) &&
         std::find(kUnneeded.begin(), kUnneeded.end(), name) != kUnneeded.end();
}

// Returns `meminfo` without the fields that no account uses and whose figure no memory can have, as
// `SwapFree: 18446744073709551584 kB` of WSL 1 and LXCFS, or CommitLimit before 3.0. For each a
// sentence is added to `notes`. All other lines stay as they are, for parse_meminfo() to judge.
std::string without_absurd_fields(std::string_view meminfo, std::vector<std::string>& notes) {
  std::string kept;
  kept.reserve(meminfo.size());
  for (const auto line : split_lines(meminfo)) {
    if (is_absurd(line)) {
      notes.push_back(fmt::format("meminfo: '{}' cannot be, and is not needed: it was left out",
                                  printable(trim(line), 80)));
      continue;
    }
    kept += line;
    kept += '\n';
  }
  return kept;
}

constexpr std::size_t kMaxWord = 128;
constexpr std::string_view kPools = "sys/kernel/mm/hugepages/hugepages-";

// Fills a reading, one kind of file after the other.
class Assembler {
 public:
  explicit Assembler(const GuestFiles& files) : files_(files) { reading_.notes = files.notes; }
  model::GuestReading assemble();

 private:
  // Returns "" if it is not there.
  std::string_view text(std::string_view path) const {
    const auto found = files_.files.find(path);
    return found == files_.files.end() ? std::string_view() : std::string_view(found->second);
  }
  // Returns the first of these files that is there and not empty.
  std::string_view first_of(std::initializer_list<std::string_view> paths) const {
    for (const auto path : paths) {
      if (const auto found = text(path); !trim(found).empty()) return found;
    }
    return {};
  }

  std::string_view boot_log() const {
    return first_of({"sos_commands/kernel/dmesg", "sos_commands/kernel/dmesg_-T", "var/log/dmesg"});
  }

  // Fills `target` by `parse`; a text that cannot be understood becomes a note.
  template <class Target, class Parse>
  void take(std::string_view name, std::string_view from, Target& target, Parse parse) {
    if (trim(from).empty()) return;
    auto value = parse(from);
    if (value) {
      target = std::move(*value);
    } else {
      reading_.notes.push_back(
          fmt::format("{} could not be understood ({})", name, value.error().message));
    }
  }

  void take_names();
  void take_platform();
  void take_meminfo();
  void take_pools();
  void take_zram();
  void take_balloon();
  void take_host_balloon();
  void take_traces();
  void take_call_sites();

  const GuestFiles& files_;
  model::GuestReading reading_;
};

std::string word(std::string_view text) {
  text = trim(text);
  return std::string(text.substr(0, std::min(text.find_first_of(" \t\n"), kMaxWord)));
}

std::string nth_word(std::string_view text, int index) {
  text = text.substr(0, text.find('\n'));
  for (int i = 0; i < index; ++i) model::next_word(text);
  return word(text);
}

// Returns the value in a line of `sysctl -a`, "kernel.osrelease = 5.14.0"; "" if there is none.
std::string sysctl_value(std::string_view text, std::string_view key) {
  const auto line = "\n" + std::string(key) + " = ";
  const auto at = text.find(line);
  return at == std::string_view::npos ? std::string() : word(text.substr(at + line.size()));
}

// Returns "4.18.0-348.el8.x86_64" of "BOOT_IMAGE=/vmlinuz-4.18.0-348.el8.x86_64 root=/dev/sda1".
std::string release_of_boot_image(std::string_view cmdline) {
  constexpr std::string_view kImage = "/vmlinuz-";
  const auto image = word(cmdline);
  const auto at = image.rfind(kImage);
  const bool named = image.starts_with("BOOT_IMAGE=") && at != std::string::npos;
  return named ? image.substr(at + kImage.size()) : std::string();
}

// A sosreport without proc/sys has the same elsewhere.
void Assembler::take_names() {
  const auto sysctl = text("sos_commands/kernel/sysctl_-a");
  const std::array<std::string, 5> releases = {
      word(text("proc/sys/kernel/osrelease")), nth_word(text("sos_commands/kernel/uname_-a"), 2),
      nth_word(text("proc/version"), 2), sysctl_value(sysctl, "kernel.osrelease"),
      release_of_boot_image(text("proc/cmdline"))};
  for (const auto& release : releases) {
    if (reading_.kernel_release.empty()) reading_.kernel_release = release;
  }
  reading_.boot_id = word(text("proc/sys/kernel/random/boot_id"));
  if (reading_.boot_id.empty()) reading_.boot_id = sysctl_value(sysctl, "kernel.random.boot_id");
  take_platform();
  reading_.zswap_pool = word(text("sys/module/zswap/parameters/zpool"));
}

void Assembler::take_platform() {
  const auto uname = first_of({"sos_commands/kernel/uname_-a"});
  auto& platform = reading_.platform;
  platform.host_name = model::first_line_of(
      first_of({"proc/sys/kernel/hostname", "sos_commands/host/hostname",
                "sos_commands/general/hostname", "sos_commands/host/hostname_-f"}));
  if (platform.host_name.empty()) platform.host_name = model::uname_word(uname, 1);
  if (platform.host_name.empty()) platform.host_name = model::first_line_of(text("etc/hostname"));
  platform.distribution =
      model::first_line_of(first_of({"etc/redhat-release", "etc/SuSE-release"}));
  if (platform.distribution.empty()) {
    platform.distribution =
        model::distribution_of(first_of({"etc/os-release", "usr/lib/os-release"}));
  }
  platform.architecture = model::architecture_of(uname);
  platform.machine =
      model::first_line_of(fmt::format("{} {}", trim(text("sys/class/dmi/id/sys_vendor")),
                                       trim(text("sys/class/dmi/id/product_name"))));
  if (platform.machine.empty()) {
    platform.machine = model::machine_of_dmidecode(text("sos_commands/hardware/dmidecode"));
  }
  if (trim(text("sys/hypervisor/type")) == "xen") platform.hypervisor = "Xen";
  model::read_boot_log(boot_log(), reading_);
}

// The page size is in the name: sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages.
void Assembler::take_pools() {
  for (auto it = files_.files.lower_bound(kPools);
       it != files_.files.end() && it->first.starts_with(kPools); ++it) {
    const auto size = std::string_view(it->first).substr(kPools.size());
    const auto page_kib = model::parse_number(size.substr(0, size.find("kB")));
    const auto pages = model::parse_number(trim(it->second));
    if (page_kib && *page_kib > 0 && pages) {
      reading_.hugepage_pools.push_back({*page_kib, *pages});
    } else {
      reading_.notes.push_back(fmt::format("{} could not be understood", printable(it->first)));
    }
  }
}

// /sys/block links to /sys/devices: a device must not count twice.
void Assembler::take_zram() {
  for (const std::string_view base : {"sys/devices/virtual/block/zram", "sys/block/zram"}) {
    std::optional<std::int64_t> bytes;
    for (auto it = files_.files.lower_bound(base);
         it != files_.files.end() && it->first.starts_with(base); ++it) {
      const auto used = model::parse_zram_device(it->second);
      if (used && *used <= model::kMaxNumber - bytes.value_or(0)) bytes = bytes.value_or(0) + *used;
    }
    if (!bytes) continue;
    reading_.zram_kib = kib_from_bytes(*bytes);
    return;
  }
}

void Assembler::take_balloon() {
  take("vmmemctl", first_of({"proc/vmmemctl", "sys/kernel/debug/vmmemctl"}), reading_.balloon,
       model::parse_vmmemctl_status);
  reading_.balloon.module =
      model::find_balloon_module(first_of({"proc/modules", "sos_commands/kernel/lsmod"}));
}

// Of several names of one command the first that tells is taken: sos adds numbers to them.
void Assembler::take_host_balloon() {
  for (const auto& [path, answer] : files_.files) {
    if (!path.starts_with("sos_commands/vmware/") || reading_.host_balloon_kib) continue;
    const bool resources = path.find("_stat_raw_text_resources") != std::string::npos;
    const bool balloon = path.find("_stat_balloon") != std::string::npos;
    if (resources) reading_.host_balloon_kib = model::parse_toolbox_resources(answer);
    if (balloon) reading_.host_balloon_kib = model::parse_toolbox_balloon(answer);
  }
}

void Assembler::take_traces() {
  model::TraceFiles traces;
  const auto kstats = std::string(text("proc/spl/kstat/zfs/abdstats")) + "\n" +
                      std::string(text("proc/spl/kstat/zfs/arcstats"));
  traces.sockstat = text("proc/net/sockstat");
  traces.slabinfo = text("proc/slabinfo");
  traces.kstats = kstats;
  traces.partitions = text("proc/partitions");
  traces.trace_buffers = first_of(
      {"sys/kernel/tracing/buffer_total_size_kb", "sys/kernel/debug/tracing/buffer_total_size_kb"});
  traces.iomem = text("proc/iomem");
  const auto lsof = files_.files.lower_bound("sos_commands/process/lsof");
  if (lsof != files_.files.end() && lsof->first.starts_with("sos_commands/process/lsof")) {
    traces.lsof = lsof->second;
  }
  traces.nfsd_threads = text("proc/fs/nfsd/threads");
  traces.swaps = text("proc/swaps");
  traces.modules = first_of({"proc/modules", "sos_commands/kernel/lsmod"});
  traces.vmallocinfo = text("proc/vmallocinfo");
  model::read_traces(traces, reading_);
}

void Assembler::take_call_sites() {
  model::CallSites sites;
  take("allocinfo", text("proc/allocinfo"), sites, model::parse_allocinfo);
  reading_.balloon_sites_kib = sites.balloon_kib;
  if (sites.largest) reading_.traces.push_back(std::move(*sites.largest));
}

// A field that no account needs may be absurd: kernels did print such figures.
void Assembler::take_meminfo() {
  const auto kept = without_absurd_fields(text("proc/meminfo"), reading_.notes);
  take("meminfo", kept, reading_.meminfo, model::parse_meminfo);
}

model::GuestReading Assembler::assemble() {
  take_names();
  take_meminfo();
  take("vmstat", text("proc/vmstat"), reading_.vmstat, model::parse_vmstat);
  take("zoneinfo", text("proc/zoneinfo"), reading_.zones, model::parse_zoneinfo);
  take("vmallocinfo", text("proc/vmallocinfo"), reading_.vmalloc_kib, model::parse_vmallocinfo);
  take("uptime", text("proc/uptime"), reading_.uptime_s, model::parse_uptime);
  if (!reading_.uptime_s) {
    take("uptime", first_of({"sos_commands/host/uptime", "sos_commands/general/uptime"}),
         reading_.uptime_s, model::parse_uptime_command);
  }
  take("loadavg", text("proc/loadavg"), reading_.threads, model::parse_threads);
  if (const auto bytes = model::parse_number(trim(text("sys/kernel/kexec_crash_size")))) {
    reading_.crash_kernel_kib = kib_from_bytes(*bytes);
  }
  // Most files called slabinfo have it; a text that has not is one of some lines.
  if (const auto count = model::parse_mm_structs(text("proc/slabinfo"))) {
    reading_.mm_structs = *count;
  }
  take("pressure", text("proc/pressure/memory"), reading_.pressure, model::parse_pressure);
  take("the list of possible CPUs", text("sys/devices/system/cpu/possible"), reading_.possible_cpus,
       model::count_cpus);
  if (!reading_.possible_cpus) reading_.possible_cpus = model::find_possible_cpus(boot_log());
  reading_.first_chunk_pages = model::find_first_chunk_pages(boot_log());
  take_pools();
  take_zram();
  take_balloon();
  take_host_balloon();
  take_traces();
  take_call_sites();
  return std::move(reading_);
}

// Reads "Tue Nov 24 20:24:28 UTC 2026". Other time zones are only abbreviated, so that nobody can
// say which they are.
std::optional<UtcTime> parse_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  text = text.substr(0, text.find('\n'));
  model::next_word(text);
  const auto month = kMonths.find(model::next_word(text).substr(0, 3));
  const auto day = model::parse_number(model::next_word(text));
  const auto clock = model::next_word(text);
  const auto zone = model::next_word(text);
  const auto year = model::parse_number(model::next_word(text));
  const bool known = month != std::string_view::npos && day && year && *year <= 9999;
  if (!known || (zone != "UTC" && zone != "GMT")) return std::nullopt;
  const auto time =
      parse_iso8601(fmt::format("{:04}-{:02}-{:02}T{}Z", *year, month / 3 + 1, *day, clock));
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

model::GuestReading assemble(const GuestFiles& files) { return Assembler(files).assemble(); }

std::optional<UtcTime> taken_at(const GuestFiles& files) {
  for (const auto* path :
       {"sos_commands/date/date_--utc", "sos_commands/date/date", "sos_commands/general/date"}) {
    const auto found = files.files.find(path);
    if (found == files.files.end()) continue;
    if (const auto time = parse_date(found->second)) return time;
  }
  return files.modified;
}

}  // namespace ballast::offline
