// Which guests a report is about. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/verdict.h"
#include "storage/queries.h"

namespace ballast::fleet {

enum class ReportSort {
  kBalloon,
  kUnaccounted,
  kDifference,
  kName,
  kMemory,
  kHost,
  kConsumed,
  kCluster,
  kLeak
};

// Which guests. The place and name patterns (shell patterns, ignoring case; "" = any) say which
// guests the report is about and are counted; verdicts and size only choose what is listed.
struct ReportQuery {
  std::string vcenter;
  std::string cluster;
  std::string host;
  std::string name;
  std::vector<model::Verdict> verdicts = {model::Verdict::kBalloon};
  bool every_balloon = false;                // also guests with a balloon, whatever their verdict
  std::optional<std::int64_t> min_size_kib;  // balloon or unaccounted, whichever is more
  ReportSort sort = ReportSort::kBalloon;    // sizes descending, names ascending
  std::size_t limit = 0;                     // 0: all

  [[nodiscard]] bool has_place() const;
  [[nodiscard]] bool lists(model::Verdict verdict) const;
  [[nodiscard]] bool is_about_vcenter(const std::string& configured_name) const;
  [[nodiscard]] bool is_about(const model::JudgedGuest& row) const;
};

}  // namespace ballast::fleet
