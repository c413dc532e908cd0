// Where a guest's memory is, as a table with bars: every part of the account, then what is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "output/page.h"
#include "output/terminal.h"

namespace ballast::cli {

struct WaterfallPart {
  std::string name;  // as in model/account.h
  std::int64_t kib = 0;
};

struct WaterfallFigures {
  std::int64_t mem_total_kib = 0;
  std::vector<WaterfallPart> parts;  // those of 0 are not shown
  std::int64_t unaccounted_kib = 0;
  output::Style unaccounted_style = output::Style::kPlain;
  std::int64_t baseline_kib = 0;
  std::optional<std::int64_t> balloon_kib;     // that the verdict is about; empty if nobody told
  bool balloon_by_driver = false;              // told by the guest, not by the hypervisor
  std::optional<std::int64_t> difference_kib;  // unaccounted less baseline and balloon
};

// Parts, then unaccounted, split into baseline, balloon and difference as far as they are known.
void print_waterfall(const WaterfallFigures& figures, output::Page& page);

}  // namespace ballast::cli
