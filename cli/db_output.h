// What `ballast db` prints. Pure.
#pragma once

#include <ostream>
#include <string>

#include "cli/terminal.h"
#include "storage/queries.h"
#include "storage/store.h"

namespace ballast::cli {

void print_extent(const std::string& path, const storage::StoreExtent& extent,
                  const StreamTraits& traits, std::ostream& out);
// "ballast.db.status/1"
void print_extent_json(const std::string& path, const storage::StoreExtent& extent,
                       std::ostream& out);

void print_health(const std::string& path, const storage::HealthReport& report,
                  const StreamTraits& traits, std::ostream& out);

void print_backed_up(const std::string& path, const std::string& target, const StreamTraits& traits,
                     std::ostream& out);

// "Judged 120 samples of 5 scans again: 12 judgements changed.", then what became of the verdicts.
void print_rejudged(const storage::RejudgeReport& report, bool dry_run, const StreamTraits& traits,
                    std::ostream& out);

}  // namespace ballast::cli
