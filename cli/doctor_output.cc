#include "cli/doctor_output.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "cli/page.h"

namespace ballast::cli {

namespace {

struct StateWords {
  const char* word;
  Style style;
};

StateWords words_for(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return {"ok", Style::kGood};
    case CheckState::kWarning:
      return {"warning", Style::kNotice};
    case CheckState::kFailed:
      return {"failed", Style::kBad};
    case CheckState::kSkipped:
      break;
  }
  return {"skipped", Style::kFaint};
}

void print_check(const Check& check, Page& page) {
  const auto [word, style] = words_for(check.state);
  std::string detail = page.safe(check.detail);
  if (check.took.count() > 0) detail += fmt::format(" ({})", format_duration(check.took));
  page.entry({{"  "},
              {fmt::format("{:<9}", word), style},
              {fmt::format("{:<18}", page.safe(check.what, 60))}},
             detail);
  if (!check.hint.empty()) {
    page.entry({{fmt::format("{:<11}{:<18}", "", "")}}, "try: " + page.safe(check.hint));
  }
}

std::string verdict_of(const std::vector<Check>& checks) {
  const auto failed = std::count_if(checks.begin(), checks.end(), [](const Check& check) {
    return check.state == CheckState::kFailed;
  });
  if (failed == 0) return "Ready: ballast scan";
  return counted(failed, "check") + " failed";
}

}  // namespace

void print_checks(const std::vector<Check>& checks, const StreamTraits& traits, std::ostream& out) {
  Page page(traits, out);
  std::string subject;
  for (const auto& check : checks) {
    if (check.subject != subject) page.paragraph(page.safe(check.subject), Style::kStrong);
    subject = check.subject;
    print_check(check, page);
  }
  page.gap();
  page.paragraph(verdict_of(checks));
}

void print_checks_json(const std::vector<Check>& checks, std::ostream& out) {
  auto list = nlohmann::json::array();
  for (const auto& check : checks) {
    list.push_back({{"subject", check.subject},
                    {"check", check.what},
                    {"state", words_for(check.state).word},
                    {"detail", check.detail},
                    {"hint", check.hint},
                    {"duration_ms", check.took.count()}});
  }
  const nlohmann::json document = {{"schema", "ballast.doctor/1"}, {"checks", list}};
  out << document.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace ballast::cli
