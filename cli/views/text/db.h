// What `ballast db` prints. Pure.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "output/terminal.h"
#include "storage/database_file.h"
#include "storage/queries.h"
#include "storage/store.h"

namespace ballast::cli {

// Prints "Removed 36 scans, 11 hours.": what `more` holds beyond `less`, the database before and
// after.
void print_done(std::string_view verb, const storage::StoreExtent& more,
                const storage::StoreExtent& less, const output::StreamTraits& traits,
                std::ostream& out);

void print_health(const std::string& path, const storage::HealthReport& report,
                  const output::StreamTraits& traits, std::ostream& out);

void print_backed_up(const std::string& path, const std::string& target,
                     const output::StreamTraits& traits, std::ostream& out);

// Prints "Judged 120 samples of 5 scans again: 12 judgements changed.", then what became of the
// verdicts.
void print_rejudged(const storage::RejudgeReport& report, bool dry_run,
                    const output::StreamTraits& traits, std::ostream& out);
// Says that samples soon after the oldest may have been judged with a history that is gone, and
// from when on samples have it all.
void print_lost_history(const storage::StoreExtent& extent, const output::StreamTraits& traits,
                        std::ostream& out);
// Returns the first time whose samples have their whole history; empty of an empty database.
[[nodiscard]] std::optional<UtcTime> whole_history_since(const storage::StoreExtent& extent);

}  // namespace ballast::cli
