// `ballast report`: the fleet's latest verdicts.
#pragma once

#include <optional>

#include "base/time.h"
#include "cli/context.h"
#include "cli/views/output.h"
#include "fleet/report.h"

namespace ballast::cli {

struct ReportOptions {
  CommonOptions common;
  Format format = Format::kTable;
  fleet::ReportQuery query;
  std::optional<UtcTime> since;  // what changed from the day until then to today
  std::optional<UtcTime> at;     // what changed from that moment to this one; not both
  UtcTime now{};                 // ages in the output are counted from here
};

// kExitPartial when a vCenter's last scan failed or was cut short (then said on stderr as well),
// kExitFailed when there is nothing to report about.
int run_report(const ReportOptions& options, Output& output, output::Terminal& terminal);

}  // namespace ballast::cli
