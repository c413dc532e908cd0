// `ballast vm NAME|MOREF|UUID`: one VM in full.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "cli/context.h"
#include "cli/views/output.h"

namespace ballast::cli {

struct VmOptions {
  CommonOptions common;
  Format format = Format::kTable;
  std::string key;      // name, moref, instance UUID or BIOS UUID
  std::string vcenter;  // pattern; "" = any
  UtcTime now{};        // ages in the output are counted from here
  // Which scans the history shows.
  std::optional<UtcTime> since;  // default: 30 days before now
  std::optional<UtcTime> until;
};

// kExitUsage with the candidates when several VMs match, kExitFailed with near names when none
// does.
int run_vm(const VmOptions& options, Output& output, output::Terminal& terminal);

}  // namespace ballast::cli
