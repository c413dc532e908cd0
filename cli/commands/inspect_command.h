// `ballast inspect PATH…`: a guest's memory from files, without a vCenter.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/views/output.h"
#include "fleet/inspection/inspection.h"

namespace ballast::cli {

struct InspectOptions {
  std::vector<std::string> paths;
  fleet::InspectFacts facts;
  Format format = Format::kTable;
  bool summary = false;  // a paragraph for a ticket, in place of all
};

// kExitDone when every path was read whole and accounted for, kExitPartial when some were not (each
// is said on stderr), kExitFailed when none was, kExitUsage when --balloon fits no sample.
int run_inspect(const InspectOptions& options, Output& output, output::Terminal& terminal);

}  // namespace ballast::cli
