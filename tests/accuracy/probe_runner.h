// Runs the probe script, as production passes it to a guest, over a captured tree.
#pragma once

#include <string>
#include <vector>

namespace ballast::test {

struct ProbeRun {
  int exit_status = -1;  // -1: it did not start or was killed
  std::string output;
};

// The shells of the guests in the field; each with its own awk and read.
enum class GuestShell { kDash, kBash, kBusybox };

// `root` is put before every path the probe reads. `file`: beside which left-overs are looked for.
ProbeRun run_probe(GuestShell shell, const std::string& root, const std::string& file = {});

// Runs `arguments` with BALLAST_ROOT set to `root`, BALLAST_FILE to `file`, and `path` as PATH. At
// most 4 MiB are kept.
ProbeRun run(const std::vector<std::string>& arguments, const std::string& root,
             const std::string& path, const std::string& file = {});

}  // namespace ballast::test
