#include "cli/suspects_output.h"

#include <fmt/format.h>

namespace ballast::cli {

void print_suspects(const std::vector<model::ConsumerTrace>& suspects, Page& page) {
  page.heading("Who may hold it");
  if (suspects.empty()) {
    page.paragraph("No file that was read gives a consumer away.", Style::kPlain, 2);
    return;
  }
  for (const auto& suspect : suspects) {
    page.entry({{"  -", Style::kFaint}}, page.safe(model::describe(suspect)) + ": " +
                                             std::string(model::words_of(suspect.consumer).check));
  }
}

Json json_of_suspects(const std::vector<model::ConsumerTrace>& suspects) {
  Json all = Json::array();
  for (const auto& suspect : suspects) {
    const auto& words = model::words_of(suspect.consumer);
    all.push_back({{"consumer", words.key},
                   {"size_kib", json_of(suspect.kib)},
                   {"bound", suspect.kib ? Json(model::to_string(words.bound)) : Json()},
                   {"source", words.source},
                   {"detail", json_of(suspect.detail)}});
  }
  return all;
}

}  // namespace ballast::cli
