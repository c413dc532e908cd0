#include "fleet/inspection/inspection.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "fleet/inspection/told_figures.h"
#include "model/platform.h"

namespace ballast::fleet {

namespace {

using offline::OfflineSample;

// Fills in what the files lack. A copy of /proc/meminfo lacks neither.
void add_facts(const InspectFacts& facts, model::GuestReading& reading) {
  if (reading.meminfo.empty()) return;
  if (facts.mem_total_kib) reading.meminfo.emplace("MemTotal", *facts.mem_total_kib);
  if (facts.mem_free_kib) reading.meminfo.emplace("MemFree", *facts.mem_free_kib);
}

std::string why_no_account(const OfflineSample& input, const Error& error) {
  if (!input.vmcore && input.reading.meminfo.empty() && !input.reading.notes.empty() &&
      !tells_balloon(input.reading)) {
    const auto why = fmt::format("{}", fmt::join(input.reading.notes, "; "));
    const bool parsed = why.find("could not be understood") == std::string::npos;
    return why + (parsed ? ". Try: name a copy that can be read"
                         : ". Try: take out the lines that the kernel did not print");
  }
  const bool told = tells_balloon(input.reading) || !input.tools.empty();
  if (!input.vmcore && input.reading.meminfo.empty() && told) {
    return "there is no meminfo with it, and without that no account of the memory";
  }
  if (!input.vmcore) return error.sentence();
  if (!input.reading.meminfo.contains("AnonPages") &&
      !input.reading.meminfo.contains("Active(anon)")) {
    const auto bound = bound_of_kmem(input.reading.meminfo);
    return "without the text of kmem -V there is no account of the memory" +
           (bound.empty() ? "" : "; " + bound);
  }
  for (const auto* field : {"MemTotal", "MemFree"}) {
    if (input.reading.meminfo.contains(field)) continue;
    return fmt::format("{} is not in the texts: add that of kmem -i, or give {}", field,
                       std::string_view(field) == "MemTotal" ? "--mem-total" : "--mem-free");
  }
  return error.sentence();
}

InspectedSample account_for(OfflineSample input, const InspectFacts& facts) {
  InspectedSample sample;
  add_facts(facts, input.reading);
  auto guest = model::make_guest_sample(input.reading, input.taken_at.value_or(UtcTime{}));
  if (guest) {
    sample.judged.guest = std::move(*guest);
    sample.judged.guest->account.driver_at_work =
        input.vmcore && input.vmcore->balloon_trace() != nullptr;
  } else {
    sample.no_account = why_no_account(input, guest.error());
  }
  sample.judged.vm.stats.balloon_kib = input.reading.host_balloon_kib;
  sample.balloon_by_tools = input.reading.host_balloon_kib.has_value();
  sample.input = std::move(input);
  return sample;
}

// A person's figure goes before that of VMware Tools.
void give_balloon(std::int64_t kib, InspectedSample& sample) {
  sample.judged.vm.stats.balloon_kib = kib;
  sample.balloon_by_tools = false;
}

// Several figures are in the order of the samples as given; one is not assigned here.
Status assign_balloons(const std::vector<std::int64_t>& balloons,
                       std::vector<InspectedSample>& samples) {
  if (balloons.size() < 2) return {};
  if (balloons.size() != samples.size()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--balloon is given {} times for {} samples", balloons.size(), samples.size()),
        "give it once for the newest sample, or once for each in the order of the paths");
  }
  for (std::size_t i = 0; i < samples.size(); ++i) give_balloon(balloons[i], samples[i]);
  return {};
}

void put_in_order(std::vector<InspectedSample>& samples) {
  const bool timed = std::all_of(samples.begin(), samples.end(), [](const auto& sample) {
    return sample.input.taken_at.has_value();
  });
  if (!timed) return;
  std::stable_sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) {
    return *a.input.taken_at < *b.input.taken_at;
  });
}

// What one of the two does not tell is no difference.
bool same_as_told(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() || one == other;
}

bool same_guest_boot(const InspectedSample& a, const InspectedSample& b) {
  const auto& one = a.input.reading;
  const auto& other = b.input.reading;
  return same_as_told(one.kernel_release, other.kernel_release) &&
         same_as_told(one.boot_id, other.boot_id) && a.account() && b.account() &&
         a.account()->mem_total_kib == b.account()->mem_total_kib;
}

// Tells whether the same files were read. What was not read in one and in the other was is a
// difference between the two that is no balloon.
bool same_files_read(const InspectedSample& a, const InspectedSample& b) {
  auto one = a.account()->deciding_files;
  auto other = b.account()->deciding_files;
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one == other;
}

// Whether somebody who knows says that there was no balloon.
bool had_no_balloon(const InspectedSample& sample) {
  const auto* account = sample.account();
  if (account == nullptr || account->resetting || !account->contradiction.empty()) return false;
  const auto& inside = account->driver_kib ? account->driver_kib : account->vmstat_kib;
  const auto& told = sample.judged.vm.stats.balloon_kib;
  if (inside.value_or(0) > 0 || told.value_or(0) > 0) return false;
  return inside || told;
}

model::Baseline baseline_of(const InspectedSample& sample,
                            const std::vector<InspectedSample>& all) {
  std::vector<std::int64_t> without_balloon;
  for (const auto& other : all) {
    if (&other != &sample && same_guest_boot(sample, other) && had_no_balloon(other) &&
        same_files_read(sample, other)) {
      without_balloon.push_back(other.account()->unaccounted_kib);
    }
  }
  if (without_balloon.empty()) {
    return model::prior_baseline(sample.input.reading, *sample.account());
  }
  return model::learn_baseline(std::move(without_balloon));
}

void judge_samples(std::vector<InspectedSample>& samples) {
  for (auto& sample : samples) {
    auto& judged = sample.judged;
    const auto* account = sample.account();
    judged.judgement = account == nullptr ? model::unknown(model::UnknownReason::kNoAccount)
                                          : model::judge(*account, baseline_of(sample, samples),
                                                         judged.vm.stats.balloon_kib);
  }
}

// Says it where VMware Tools in the guest and --balloon tell different sizes.
std::string two_figures_note(const InspectedSample& sample) {
  const auto& tools = sample.input.reading.host_balloon_kib;
  const auto& given = sample.judged.vm.stats.balloon_kib;
  if (!tools || !given || std::abs(*tools - *given) < kKibPerMib) return {};
  return fmt::format(
      "{}: VMware Tools in the guest said {} of balloon, --balloon says {}, which "
      "was used",
      printable(sample.input.sources.front()), format_size(*tools), format_size(*given));
}

std::vector<std::string> notes_of_texts(const std::vector<InspectedSample>& samples) {
  std::vector<std::string> notes;
  for (const auto& sample : samples) {
    notes.insert(notes.end(), sample.input.notes.begin(), sample.input.notes.end());
    if (auto note = two_figures_note(sample); !note.empty()) notes.push_back(std::move(note));
    if (sample.account() == nullptr) continue;
    for (auto& sentence : tool_sentences(sample.input.tools)) {
      notes.push_back(sentence + "; the account does not use it");
    }
  }
  return notes;
}

std::vector<std::string> notes_about(const std::vector<InspectedSample>& samples) {
  auto notes = notes_of_texts(samples);
  const auto& newest = samples.back();
  for (const auto& sample : samples) {
    if (!sample.account() || !newest.account()) continue;
    const bool same_boot = same_guest_boot(sample, newest);
    if (same_boot && same_files_read(sample, newest)) continue;
    notes.push_back(fmt::format(
        "{} is of {} than {}: baselines were not shared", printable(sample.input.sources.front()),
        same_boot ? "other files" : "another boot, kernel or size of memory",
        printable(newest.input.sources.front())));
  }
  const auto& reading = newest.input.reading;
  for (auto& note : model::platform_notes(reading)) notes.push_back(std::move(note));
  if (auto note = model::orphaned_pages_note(reading.meminfo)) notes.push_back(std::move(*note));
  return notes;
}

bool says_anything(const InspectedSample& sample) {
  return sample.account() || tells_balloon(sample.input.reading) || !sample.input.tools.empty() ||
         (sample.input.vmcore && !sample.input.vmcore->recognised.empty());
}

}  // namespace

const model::MemoryAccount* InspectedSample::account() const {
  return judged.guest ? &judged.guest->account : nullptr;
}

model::ReclaimPressure InspectedSample::pressure() const {
  return judged.guest ? judged.guest->pressure : model::reclaim_pressure(input.reading);
}

bool InspectedSample::has_unexplained() const {
  return may_have_unexplained() && judged.judgement.difference_kib > judged.judgement.tolerance_kib;
}

bool InspectedSample::may_have_unexplained() const {
  const auto& judgement = judged.judgement;
  return account() != nullptr && judgement.reason != model::UnknownReason::kDriverResetting &&
         judgement.reason != model::UnknownReason::kInconsistent &&
         judgement.difference_kib > judgement.tolerance_below_kib();
}

Result<Inspection> inspect_samples(std::vector<OfflineSample> inputs, const InspectFacts& facts) {
  Inspection inspection;
  auto& samples = inspection.samples;
  for (auto& input : inputs) samples.push_back(account_for(std::move(input), facts));
  if (auto assigned = assign_balloons(facts.balloons_kib, samples); !assigned) {
    return fail(assigned.error());
  }
  if (std::none_of(samples.begin(), samples.end(), says_anything)) {
    const auto& last = samples.back();
    return fail(ErrorCode::kParse,
                fmt::format("{}: {}", printable(last.input.sources.front()), last.no_account));
  }
  put_in_order(samples);
  if (facts.balloons_kib.size() == 1) give_balloon(facts.balloons_kib.front(), samples.back());
  judge_samples(samples);
  inspection.notes = notes_about(samples);
  return inspection;
}

}  // namespace ballast::fleet
