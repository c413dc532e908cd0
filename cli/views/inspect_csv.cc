#include <array>
#include <string_view>

#include "cli/views/inspect_output.h"
#include "output/csv.h"

namespace ballast::cli {

using fleet::InspectedSample;
using fleet::Inspection;
using output::CsvWriter;

namespace {

using Kib = std::optional<std::int64_t>;

constexpr std::array<std::string_view, 17> kColumns = {
    "taken_at_utc",    "source",       "kernel",           "boot_id",        "mem_total_kib",
    "unaccounted_kib", "baseline_kib", "baseline_samples", "tolerance_kib",  "hypervisor_kib",
    "driver_kib",      "vmstat_kib",   "balloon_kib",      "difference_kib", "verdict",
    "proof",           "reason"};

void write_figures(const InspectedSample& sample, CsvWriter& csv) {
  const auto& account = sample.account;
  const auto figure = [&account](std::int64_t kib) { return account ? Kib(kib) : Kib(); };
  csv.number(account ? Kib(account->mem_total_kib) : Kib());
  csv.number(account ? Kib(account->unaccounted_kib) : Kib());
  csv.number(figure(sample.judgement.baseline.kib));
  csv.number(figure(sample.judgement.baseline.samples));
  csv.number(figure(sample.judgement.tolerance_kib));
  csv.number(sample.hypervisor_kib);
  csv.number(account ? account->driver_kib : Kib());
  csv.number(account ? account->vmstat_kib : Kib());
  csv.number(sample.judged_balloon_kib());
  csv.number(sample.difference_kib());
}

void write_sample(const InspectedSample& sample, CsvWriter& csv) {
  csv.text(sample.input.taken_at ? format_iso8601(*sample.input.taken_at) : "");
  csv.text(sample.input.sources.front());
  csv.text(sample.input.reading.kernel_release);
  csv.text(sample.input.reading.boot_id);
  write_figures(sample, csv);
  csv.text(model::to_string(sample.judgement.verdict));
  csv.text(model::to_string(sample.judgement.proof));
  csv.text(model::to_string(sample.judgement.reason));
  csv.end_record();
}

}  // namespace

void print_inspection_csv(const Inspection& inspection, std::ostream& out) {
  CsvWriter csv(out);
  for (const auto column : kColumns) csv.text(column);
  csv.end_record();
  for (const auto& sample : inspection.samples) write_sample(sample, csv);
}

}  // namespace ballast::cli
