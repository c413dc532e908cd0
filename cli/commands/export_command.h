// `ballast export`: history as CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "model/verdict.h"
#include "storage/export_queries.h"

namespace ballast::cli {

enum class ExportKind { kSamples, kHourly, kDaily, kHosts };

struct ExportOptions {
  CommonOptions common;
  ExportKind kind = ExportKind::kSamples;
  storage::ExportQuery query;
  std::vector<model::Verdict> verdicts;  // of samples; empty: all
  // Samples, hours and days: of balloon or unaccounted, whichever is more, the largest of the
  // period; hosts: of what is ballooned there.
  std::optional<std::int64_t> min_size_kib;
  std::vector<std::string> columns;  // in this order; empty: all
  std::string output;                // a file; "": standard output
};

// The names of all columns of a kind, in order.
[[nodiscard]] std::vector<std::string> column_names(ExportKind kind);

// Streams in constant memory. With an output file nothing is on standard output, and the file is
// replaced only if everything was written: not after an error, SIGINT, SIGTERM or SIGHUP. A header
// alone (no row fits) is a success, said on standard error. Errors: kInvalidArgument (kExitUsage)
// for an unknown column, those of ExportQueries and OutputFile.
int run_export(const ExportOptions& options, output::Terminal& terminal);

}  // namespace ballast::cli
