#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/time.h"
#include "base/words.h"
#include "cli/views/formats.h"
#include "cli/views/text/evidence.h"
#include "cli/views/text/waterfall.h"
#include "fleet/inspection/told_figures.h"
#include "fleet/sentences.h"
#include "model/parse/kernel_release.h"
#include "model/platform.h"
#include "output/page.h"

namespace ballast::cli {

using fleet::collect_next;
using fleet::headline;
using fleet::InspectedSample;
using fleet::Inspection;
using fleet::vmcore_sentences;
using output::Align;
using output::Cell;
using output::Column;
using output::Page;
using output::Style;
using output::Table;

namespace {

using model::Verdict;

constexpr std::size_t kMaxSentence = 4096;  // bytes
constexpr std::size_t kMaxSource = 200;

std::string sources_of(const InspectedSample& sample, Page& page) {
  std::vector<std::string> safe;
  for (const auto& source : sample.input.sources) safe.push_back(page.safe(source, kMaxSource));
  return fmt::format("{}", fmt::join(safe, ", "));
}

std::string kernel_of(const InspectedSample& sample, Page& page) {
  const auto& release = sample.input.reading.kernel_release;
  const auto era = sample.account() ? model::to_string(sample.account()->era) : "";
  if (release.empty()) return era.empty() ? "" : fmt::format("not named; accounted as {}", era);
  const auto vendor = model::parse_kernel_release(release).vendor;
  std::string text = page.safe(release, kMaxSource);
  if (vendor != model::KernelVendor::kUnknown) text += fmt::format(", {}", to_string(vendor));
  return era.empty() ? text : fmt::format("{}, accounted as {}", text, era);
}

// "VMware, Inc. VMware Virtual Platform", "Microsoft Corporation Virtual Machine, Hyper-V"; "" if
// neither is told.
std::string platform_of(const model::GuestReading& reading) {
  const auto& machine = reading.platform.machine;
  const auto hypervisor = model::to_string(model::hypervisor_of(reading));
  if (machine.empty() || hypervisor.empty()) return machine + std::string(hypervisor);
  if (machine.find(hypervisor) != std::string::npos) return machine;
  return fmt::format("{}, {}", machine, hypervisor);
}

void print_guest(const InspectedSample& sample, Page& page) {
  const auto& reading = sample.input.reading;
  const auto field_if_told = [&page](const char* label, const std::string& text) {
    if (!text.empty()) page.field(label, page.safe(text, kMaxSource));
  };
  page.heading("The guest");
  page.field("read from", sources_of(sample, page));
  field_if_told("host", reading.platform.host_name);
  field_if_told("system", reading.platform.distribution);
  page.field("kernel", kernel_of(sample, page));
  field_if_told("platform", platform_of(reading));
  if (reading.uptime_s) page.field("up", format_duration(std::chrono::seconds(*reading.uptime_s)));
  if (sample.input.taken_at) page.field("taken", format_when(*sample.input.taken_at));
}

void print_verdict(const InspectedSample& sample, Page& page) {
  if (!sample.account()) {
    page.heading("The verdict");
    page.field("verdict", std::string(to_string(Verdict::kUnknown)), style_of(Verdict::kUnknown));
    page.field("reason", page.safe(sample.no_account, kMaxSentence));
    return;
  }
  const bool untold = sample.judged.judgement.reason == model::UnknownReason::kBalloonFigureUnset;
  if (untold) {
    page.heading("The verdict");
    page.field("verdict", std::string(to_string(Verdict::kUnknown)), style_of(Verdict::kUnknown));
    page.field("reason", "no side told the size of the balloon");
    page.field("to do", "give the hypervisor's figure with --balloon");
  } else {
    print_conclusion(sample.judged.judgement, "", page);
  }
  print_reasoning(sample.judged.judgement, sample.judged.difference_kib(), page);
  for (const auto& sentence : sample.account()->missing) {
    page.field("not read", page.safe(sentence, kMaxSentence));
  }
}

EvidenceWords words_of(const InspectedSample& sample, const Page& page) {
  return {"hypervisor",
          sample.balloon_by_tools ? ", by VMware Tools in the guest" : ", as given with --balloon",
          sample.input.vmcore ? ", by its own variable in the vmcore" : ", by its status file",
          page.safe(sample.input.reading.balloon.module)};
}

void print_sentences(const std::string& title, const std::vector<std::string>& sentences,
                     Page& page) {
  if (sentences.empty()) return;
  page.heading(title);
  for (const auto& sentence : sentences) {
    page.entry({{"  -", Style::kFaint}}, page.safe(sentence, kMaxSentence));
  }
}

// The samples as rows; what all of their paths begin with is left out.
class Series {
 public:
  Series(const std::vector<InspectedSample>& samples, Page& page) : samples_(samples), page_(page) {
    timed_ = std::any_of(samples.begin(), samples.end(),
                         [](const auto& sample) { return sample.input.taken_at.has_value(); });
    shared_ = samples.front().input.sources.front();
    for (const auto& sample : samples) {
      const auto& source = sample.input.sources.front();
      const auto apart =
          std::mismatch(shared_.begin(), shared_.end(), source.begin(), source.end());
      shared_.erase(apart.first, shared_.end());
    }
    shared_.erase(shared_.rfind('/') + 1);
  }

  void print() {
    Table table(columns());
    for (const auto& sample : samples_) table.add_row(cells(sample));
    page_.table(table, 2);
  }

 private:
  std::vector<Column> columns() const {
    std::vector<Column> columns;
    if (timed_) columns.push_back({"TAKEN", "", "UTC", Align::kLeft, 0, 2});
    columns.push_back({"FROM", "", "", Align::kLeft, 12, 0});
    columns.push_back({"BALLOON", "", "MiB", Align::kRight, 0, 0});
    columns.push_back({"UNACCOUNTED", "UNACC.", "MiB", Align::kRight, 0, 0});
    columns.push_back({"DIFFERENCE", "DIFF.", "MiB", Align::kRight, 0, 1});
    columns.push_back({"VERDICT", "", "", Align::kLeft, 0, 0});
    columns.push_back({"PROOF OR REASON", "PROOF/REASON", "", Align::kLeft, 12, 3});
    return columns;
  }

  std::vector<Cell> cells(const InspectedSample& sample) const {
    const auto& judgement = sample.judged.judgement;
    const bool untold = judgement.reason == model::UnknownReason::kBalloonFigureUnset;
    const auto words =
        untold ? "no balloon figure" : std::string(model::proof_or_reason(judgement));
    std::vector<Cell> cells;
    if (timed_) cells.push_back({sample.input.taken_at ? when(*sample.input.taken_at) : "-"});
    cells.push_back({page_.safe(sample.input.sources.front().substr(shared_.size()), kMaxSource)});
    cells.push_back({or_dash(sample.judged.judged_balloon_kib(), mib)});
    cells.push_back({sample.account() ? mib(sample.account()->unaccounted_kib) : "-"});
    cells.push_back({or_dash(sample.judged.difference_kib(), signed_mib)});
    cells.push_back({std::string(to_string(judgement.verdict)), style_of(judgement.verdict)});
    cells.push_back({words.empty() ? "-" : words});
    return cells;
  }

  // Without the unit, which stands in the head.
  static std::string when(UtcTime time) {
    auto text = format_when(time);
    text.resize(text.size() - std::string_view(" UTC").size());
    return text;
  }

  const std::vector<InspectedSample>& samples_;
  Page& page_;
  bool timed_ = false;
  std::string shared_;
};

void print_series(const Inspection& inspection, Page& page) {
  if (inspection.samples.size() < 2) return;
  page.heading("The samples, oldest first");
  Series(inspection.samples, page).print();
}

}  // namespace

void TextOutput::inspection(const Inspection& inspection) {
  Page page(traits_, out_);
  const auto& sample = inspection.newest();
  page.paragraph(page.safe(headline(inspection), kMaxSentence),
                 style_of(sample.judged.judgement.verdict));
  print_guest(sample, page);
  if (sample.account()) print_waterfall(sample.judged, page);
  print_verdict(sample, page);
  if (sample.account()) {
    print_evidence(sample.judged, words_of(sample, page), page);
  } else if (!sample.input.vmcore) {
    print_sentences("The balloon, as each side says",
                    fleet::balloon_sentences(sample.input.reading), page);
  }
  print_sentences("What the vmcore shows", vmcore_sentences(sample), page);
  print_pressure(sample.pressure(), page);
  if (sample.may_have_unexplained()) print_suspects(*sample.judged.guest, page);
  print_series(inspection, page);
  print_sentences("Notes", inspection.notes, page);
  print_sentences("To collect next time", collect_next(inspection), page);
}

}  // namespace ballast::cli
