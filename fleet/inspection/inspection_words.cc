// What an inspection says in sentences.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "base/words.h"
#include "fleet/inspection/inspection.h"
#include "fleet/inspection/told_figures.h"
#include "fleet/sentences.h"
#include "model/account/suspects.h"
#include "model/platform.h"

namespace ballast::fleet {

namespace {

constexpr std::size_t kShownFrames = 16;

std::string frame_words(const model::StackFrame& frame) {
  auto function = printable(frame.function, 80);
  if (frame.module.empty()) return function;
  return fmt::format("{} [{}]", function, printable(frame.module, 40));
}

std::string who(const model::BackTrace& trace) {
  const auto name = printable(trace.command, 40);
  return trace.pid ? fmt::format("{} (PID {})", name, *trace.pid) : name;
}

std::string activity(const model::BackTrace& trace) {
  if (trace.allocating() && trace.in_direct_reclaim())
    return "was allocating memory in direct reclaim";
  if (trace.allocating()) return "was allocating memory";
  return "was not allocating memory";
}

std::string driver_sentence(const model::BackTrace& trace) {
  return fmt::format("the balloon driver, thread {}, {}", who(trace), activity(trace));
}

std::string frames_sentence(const model::BackTrace& trace) {
  std::vector<std::string> frames;
  for (const auto& frame : trace.frames) {
    if (frames.size() == kShownFrames) break;
    frames.push_back(frame_words(frame));
  }
  return fmt::format("its back trace, innermost first: {}{}", fmt::join(frames, " <- "),
                     frames.size() < trace.frames.size() ? " <- ..." : "");
}

std::string reclaim_sentence(const model::VmcoreEvidence& evidence) {
  const auto tasks = *evidence.tasks_in_reclaim;
  const auto where =
      evidence.zone.empty() ? "" : fmt::format(" in zone {}", printable(evidence.zone, 32));
  return fmt::format("{} {} in reclaim{}", counted(tasks, "task"), tasks == 1 ? "was" : "were",
                     where);
}

std::string flags_sentence(const model::VmcoreEvidence& evidence) {
  return fmt::format("its flags 0x{:x} are {}", *evidence.task_flags,
                     fmt::join(evidence.task_flag_names, "|"));
}

// Names the files that would decide, those first that may hide most.
std::string deciding_words(const model::MemoryAccount& account) {
  const auto& files = account.deciding_files;
  if (files.empty()) return "";
  std::vector<std::string> first(files);
  first.resize(std::min<std::size_t>(files.size(), 2));
  return fmt::format(" To decide: {}.", fmt::join(first, ", "));
}

// The balloon is the first suspect where its driver is loaded and nobody was asked.
std::string first_suspect(const InspectedSample& sample) {
  const auto& module = sample.input.reading.balloon.module;
  if (module.empty()) return "";
  return fmt::format(
      " The balloon driver ({}) is loaded and is the first suspect: ask vCenter, or run "
      "vmware-toolbox-cmd stat balloon in the guest.",
      printable(module, 40));
}

std::string unmeasured(const InspectedSample& sample) {
  const auto& account = *sample.account();
  const auto& judgement = sample.judged.judgement;
  const auto missing =
      fmt::format("{} of {} is unaccounted for", format_size(account.unaccounted_kib),
                  format_size(account.mem_total_kib));
  if (sample.has_unexplained()) {
    return fmt::format(
        "{}, {} more than expected of such a guest; no side told how large the "
        "balloon is.{}",
        missing, format_size(account.unaccounted_kib - judgement.baseline.kib),
        first_suspect(sample));
  }
  if (judgement.difference_kib > judgement.tolerance_below_kib()) {
    return fmt::format(
        "{}, and what was not read may hold it; no side told how large the balloon "
        "is.{}{}",
        missing, deciding_words(account), first_suspect(sample));
  }
  return "nothing unusual is missing; no side told whether there is a balloon.";
}

// Where another hypervisor's driver is loaded, "there is no balloon" would be wrong.
std::string other_balloon_sentence(const InspectedSample& sample,
                                   const model::ConsumerTrace& other) {
  return fmt::format("{} is missing in the guest; {} ({}), {}, may hold it.",
                     format_size(sample.judged.judgement.difference_kib),
                     model::words_of(other.consumer).title, printable(other.detail),
                     model::size_of(other));
}

// A consumer of the balloon's size would look the same in one reading.
std::string rival_sentence(const InspectedSample& sample) {
  const auto& judgement = sample.judged.judgement;
  if (judgement.proof != model::Proof::kPoint) return "";
  for (const auto& suspect : sample.judged.guest->suspects) {
    if (suspect.kib.value_or(0) < judgement.reference_kib / 2) continue;
    return fmt::format(
        " But {} could be what is missing as well: make sure of the balloon's figure, or compare a "
        "reading with another balloon.",
        model::describe(suspect));
  }
  return "";
}

std::string memory_sentence(const InspectedSample& sample) {
  if (!sample.account()) {
    const auto answer = sample.input.vmcore ? "" : answer_without_account(sample.input);
    return answer.empty() ? sample.no_account + "." : answer;
  }
  const auto& judgement = sample.judged.judgement;
  if (judgement.reason == model::UnknownReason::kInconsistent) {
    return fmt::format("no verdict, the figures do not add up: {}.",
                       sample.account()->contradiction);
  }
  const auto other = model::other_balloon_of(sample.input.reading);
  const bool excess = judgement.verdict == model::Verdict::kExcess;
  if (other && excess && sample.judged.judged_balloon_kib() == 0) {
    return other_balloon_sentence(sample, *other);
  }
  if (!sample.judged.judged_balloon_kib()) return unmeasured(sample);
  const bool by_guest = sample.judged.judged_balloon_kib() != sample.judged.vm.stats.balloon_kib;
  auto sentence = sentence_of(judgement, *sample.judged.judged_balloon_kib(),
                              by_guest ? "the guest's balloon driver" : "the hypervisor");
  if (judgement.reason == model::UnknownReason::kUnread) {
    sentence += deciding_words(*sample.account());
  }
  return sentence + rival_sentence(sample);
}

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

void append(std::vector<std::string>& sentences, const std::vector<std::string>& more) {
  sentences.insert(sentences.end(), more.begin(), more.end());
}

using Advice = std::vector<std::string>;

void advise_on_vmcore(const InspectedSample& sample, Advice& advice) {
  const auto& texts = sample.input.vmcore->recognised;
  const auto has = [&texts](std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  };
  if (!has("kmem -V")) advice.emplace_back("from crash: kmem -V, which has the page counters");
  if (sample.account()) {
    for (const auto& file : sample.account()->deciding_files) {
      if (file.starts_with("kmem")) advice.push_back("from crash: " + file);
    }
  }
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

// Where to ask for the balloon's size: of VMware, unless the guest is another hypervisor's.
void advise_on_hypervisor(const InspectedSample& sample, Advice& advice) {
  const auto hypervisor = model::hypervisor_of(sample.input.reading);
  if (hypervisor == model::Hypervisor::kHyperV) {
    advice.emplace_back(
        "from Hyper-V: Get-VM, MemoryAssigned and MemoryMaximum of the VM: what it has taken back "
        "is in the guest's balloon");
  } else if (hypervisor == model::Hypervisor::kKvm) {
    advice.emplace_back("from KVM: virsh dommemstat of the VM, actual, beside its maximum");
  } else if (hypervisor == model::Hypervisor::kXen) {
    advice.emplace_back("from Xen: xl list of the VM, beside its maximum memory");
  } else if (!sample.judged.vm.stats.balloon_kib &&
             model::may_have_vmware_driver(sample.input.reading)) {
    advice.emplace_back(
        "from vCenter: the VM's ballooned memory at that time "
        "(summary.quickStats.balloonedMemory), "
        "and give it with --balloon");
  }
}

// Tells whether VMware's driver may be loaded: not on another hypervisor's guest.
bool may_have_driver(const model::GuestReading& reading) {
  const auto hypervisor = model::hypervisor_of(reading);
  const bool other = hypervisor == model::Hypervisor::kHyperV ||
                     hypervisor == model::Hypervisor::kKvm || hypervisor == model::Hypervisor::kXen;
  return !other && reading.other_balloons.empty() && model::may_have_vmware_driver(reading);
}

struct FileAdvice {
  std::string_view file;  // how model::MemoryAccount::deciding_files names it
  std::string_view sentence;
};

constexpr std::array kFileAdvice = std::to_array<FileAdvice>({
    {"the whole of /proc/meminfo", "the whole of /proc/meminfo"},
    {"/proc/zoneinfo",
     "cat /proc/zoneinfo: free pages on per-CPU lists, up to an eighth of memory"},
    {"/proc/vmstat", "cat /proc/vmstat: the balloon's counters (5.3 and later) and reclaim"},
    {"/proc/vmallocinfo (as root)",
     "as root: cat /proc/vmallocinfo, vmalloc memory on kernels before 5.3"},
    {"/proc/slabinfo", "as root: cat /proc/slabinfo, how many processes have memory of their own"},
    {"/proc/loadavg", "cat /proc/loadavg, which counts the threads: each has a kernel stack"},
});

void add(Advice& advice, std::string sentence) {
  if (std::find(advice.begin(), advice.end(), sentence) == advice.end()) {
    advice.push_back(std::move(sentence));
  }
}

void advise_on_file(std::string_view file, Advice& advice) {
  for (const auto& row : kFileAdvice) {
    if (row.file == file) add(advice, std::string(row.sentence));
  }
  if (file.starts_with("/sys/")) add(advice, fmt::format("grep -H . {}", file));
}

// What decides between verdicts, the file first that may hide most.
void advise_on_unread(const InspectedSample& sample, Advice& advice) {
  if (!sample.account()) return;
  for (const auto& file : sample.account()->deciding_files) advise_on_file(file, advice);
}

void advise_on_files(const InspectedSample& sample, Advice& advice) {
  const auto& reading = sample.input.reading;
  if (reading.meminfo.empty()) {
    advice.emplace_back("cat /proc/meminfo: where the memory is; of the same moment as the rest");
  }
  if (may_have_driver(reading) && !reading.balloon.current_kib &&
      !balloon_of_vmstat(reading.vmstat)) {
    advice.emplace_back(
        "as root: cat /sys/kernel/debug/vmmemctl (VMware Tools' own driver: /proc/vmmemctl), the "
        "balloon's size by its driver");
  }
  advise_on_unread(sample, advice);
  if (!reading.zones) advise_on_file("/proc/zoneinfo", advice);
  if (reading.vmstat.empty()) advise_on_file("/proc/vmstat", advice);
  const bool needs_vmallocinfo = sample.account() &&
                                 sample.account()->era != model::KernelEra::kModern &&
                                 sample.account()->era != model::KernelEra::kEl5;
  if (needs_vmallocinfo && !reading.vmalloc_kib) {
    advise_on_file("/proc/vmallocinfo (as root)", advice);
  }
  if (reading.kernel_release.empty()) advice.emplace_back("uname -r: which kernel it is");
}

}  // namespace

std::vector<std::string> vmcore_sentences(const InspectedSample& sample) {
  std::vector<std::string> sentences;
  if (!sample.input.vmcore) return sentences;
  const auto& evidence = *sample.input.vmcore;
  if (const auto* trace = evidence.balloon_trace()) {
    sentences.push_back(driver_sentence(*trace));
    sentences.push_back(frames_sentence(*trace));
    const bool its = evidence.flags_command.empty() || evidence.flags_command == trace->command;
    if (evidence.task_flags.value_or(0) > 0 && its) sentences.push_back(flags_sentence(evidence));
  }
  if (evidence.tasks_in_reclaim) sentences.push_back(reclaim_sentence(evidence));
  return sentences;
}

std::string headline(const Inspection& inspection) {
  const auto& sample = inspection.newest();
  auto text = capitalised(memory_sentence(sample));
  if (!sample.input.vmcore) return text;
  const auto& evidence = *sample.input.vmcore;
  std::vector<std::string> more;
  if (const auto* trace = evidence.balloon_trace()) more.push_back(driver_sentence(*trace));
  if (evidence.tasks_in_reclaim) more.push_back(reclaim_sentence(evidence));
  if (more.empty()) return text;
  return fmt::format("{} {}.", text, capitalised(fmt::format("{}", fmt::join(more, ", and "))));
}

std::vector<std::string> inspection_notes(const Inspection& inspection) {
  const auto& sample = inspection.newest();
  std::vector<std::string> notes = vmcore_sentences(sample);
  if (const auto* account = sample.account()) {
    append(notes, account->missing);
  } else {
    notes.push_back(sample.no_account);
    append(notes, sample.input.reading.notes);
  }
  append(notes, inspection.notes);
  return notes;
}

std::vector<std::string> collect_next(const Inspection& inspection) {
  const auto& newest = inspection.newest();
  Advice advice;
  const auto reason = newest.judged.judgement.reason;
  if (reason == model::UnknownReason::kInconsistent) {
    advice.emplace_back("the guest's own files, not a container's, all read at one moment");
  } else if (reason == model::UnknownReason::kUnread && !newest.input.vmcore) {
    advise_on_unread(newest, advice);
  }
  advise_on_hypervisor(newest, advice);
  if (newest.input.vmcore) {
    advise_on_vmcore(newest, advice);
  } else {
    advise_on_files(newest, advice);
  }
  const bool finding =
      newest.judged.judged_balloon_kib().value_or(0) > 0 || newest.may_have_unexplained();
  if (inspection.samples.size() == 1 && finding) {
    advice.emplace_back(
        "another sample after the balloon has changed, best one with no balloon, and give both: "
        "unaccounted memory that follows the balloon is the balloon");
  }
  return advice;
}

}  // namespace ballast::fleet
