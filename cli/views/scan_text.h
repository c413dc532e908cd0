// What a scan came to, in words and in JSON. Pure.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/context.h"
#include "collector/scan.h"
#include "output/terminal.h"

namespace ballast::cli {

// For people, one block a vCenter, and where the results are.
void print_scan_summary(const std::vector<collector::ScanSummary>& scans,
                        const std::string& database, const output::StreamTraits& traits,
                        std::ostream& out);

// "ballast.scan/1"
void print_scan_json(const std::vector<collector::ScanSummary>& scans, const std::string& database,
                     std::ostream& out);

// kExitDone when all vCenters and all selected guests were read, kExitFailed when no vCenter was,
// else kExitPartial.
[[nodiscard]] ExitCode scan_exit_code(const std::vector<collector::ScanSummary>& scans);

}  // namespace ballast::cli
