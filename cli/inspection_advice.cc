// What to collect next time.
#include <algorithm>

#include "cli/inspection.h"

namespace ballast::cli {

namespace {

using Advice = std::vector<std::string>;

void advise_on_vmcore(const InspectedSample& sample, Advice& advice) {
  const auto& texts = sample.input.vmcore->recognised;
  const auto has = [&texts](std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  };
  if (!has("kmem -V")) advice.emplace_back("from crash: kmem -V, which has the page counters");
  if (!has("kmem -i")) advice.emplace_back("from crash: kmem -i, which has MemTotal and MemFree");
  if (sample.input.reading.kernel_release.empty()) {
    advice.emplace_back("from crash: sys, which names the kernel");
  }
  if (sample.input.vmcore->balloon_trace() == nullptr) {
    advice.emplace_back(
        "from crash: bt of the thread vmmemctl, or of the worker in vmballoon_work");
  }
  if (!sample.input.reading.balloon.current_kib) {
    advice.emplace_back(
        "from crash: mod -s vmw_balloon (or vmmemctl), then p balloon: its member size counts the "
        "balloon's "
        "pages");
  }
}

void advise_on_files(const InspectedSample& sample, Advice& advice) {
  const auto& reading = sample.input.reading;
  if (!reading.balloon.current_kib && !(sample.account && sample.account->vmstat_kib)) {
    advice.emplace_back(
        "as root: cat /sys/kernel/debug/vmmemctl (VMware Tools' own driver: /proc/vmmemctl), the "
        "balloon's size by its driver");
  }
  if (!reading.zones) {
    advice.emplace_back(
        "cat /proc/zoneinfo: free pages on per-CPU lists, up to an eighth of memory");
  }
  if (reading.vmstat.empty()) {
    advice.emplace_back("cat /proc/vmstat: the balloon's counters (5.3 and later) and reclaim");
  }
  const bool needs_vmallocinfo = sample.account &&
                                 sample.account->era != model::KernelEra::kModern &&
                                 sample.account->era != model::KernelEra::kEl5;
  if (needs_vmallocinfo && !reading.vmalloc_kib) {
    advice.emplace_back("as root: cat /proc/vmallocinfo, vmalloc memory on kernels before 5.3");
  }
  if (reading.kernel_release.empty()) advice.emplace_back("uname -r: which kernel it is");
}

}  // namespace

std::vector<std::string> collect_next(const Inspection& inspection) {
  const auto& newest = inspection.newest();
  Advice advice;
  if (!newest.hypervisor_kib) {
    advice.emplace_back(
        "from vCenter: the VM's ballooned memory at that time "
        "(summary.quickStats.balloonedMemory), "
        "and give it with --balloon");
  }
  if (newest.input.vmcore) {
    advise_on_vmcore(newest, advice);
  } else {
    advise_on_files(newest, advice);
  }
  const bool finding = newest.judged_balloon_kib().value_or(0) > 0 || newest.has_unexplained();
  if (inspection.samples.size() == 1 && finding) {
    advice.emplace_back(
        "another sample after the balloon has changed, best one with no balloon, and give both: "
        "unaccounted memory that follows the balloon is the balloon");
  }
  return advice;
}

}  // namespace ballast::cli
