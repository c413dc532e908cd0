#include "cli/suspects_output.h"

#include <fmt/format.h>

#include "model/suspects.h"

namespace ballast::cli {

void print_suspects(const std::vector<model::ConsumerTrace>& suspects, Page& page) {
  page.heading("Who may hold it");
  if (suspects.empty()) {
    page.paragraph(
        "Nobody that ballast knows left a trace. The kernel can say who allocated each page: boot "
        "the guest with page_owner=on and read /sys/kernel/debug/page_owner.",
        Style::kPlain, 2);
  }
  for (const auto& suspect : suspects) {
    page.paragraph(page.safe(model::describe(suspect)), Style::kPlain, 2);
    page.paragraph(fmt::format("To check: {}.", model::words_of(suspect.consumer).check),
                   Style::kFaint, 4);
  }
}

std::string largest_suspect(const std::vector<model::ConsumerTrace>& suspects) {
  if (suspects.empty() || !suspects.front().kib) return {};
  const auto& largest = suspects.front();
  return fmt::format("{}, {}", model::words_of(largest.consumer).title, model::size_of(largest));
}

}  // namespace ballast::cli
