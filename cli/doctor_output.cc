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

constexpr std::size_t kStateWidth = 7;

void print_check(const Check& check, std::size_t name_width, Page& page) {
  const auto [word, style] = words_for(check.state);
  std::string detail = page.safe(check.detail);
  if (check.took.count() > 0) {
    detail += fmt::format("{}({})", detail.empty() ? "" : " ", format_duration(check.took));
  }
  page.entry({{fmt::format("  {:<{}}", word, kStateWidth), style},
              {fmt::format("{:<{}}", page.safe(check.what), name_width)}},
             detail);
  const std::string margin(kStateWidth + name_width + 4, ' ');
  if (!check.hint.empty()) page.entry({{margin}}, "try: " + page.safe(check.hint));
  // From the first column and never folded: a digest in two pieces cannot be copied.
  if (!check.to_paste.empty()) page.line(page.safe(check.to_paste), 0);
}

std::string verdict_of(const std::vector<Check>& checks) {
  const auto count = [&](CheckState state) {
    return std::count_if(checks.begin(), checks.end(),
                         [&](const Check& check) { return check.state == state; });
  };
  if (const auto failed = count(CheckState::kFailed)) return counted(failed, "check") + " failed";
  const auto warnings = count(CheckState::kWarning);
  if (warnings == 0) return "Ready: ballast scan";
  return fmt::format("Ready, with {}: ballast scan", counted(warnings, "warning"));
}

std::size_t longest_name(const std::vector<Check>& checks) {
  std::size_t longest = 0;
  for (const auto& check : checks) longest = std::max(longest, check.what.size());
  return longest;
}

}  // namespace

void print_checks(const std::vector<Check>& checks, const StreamTraits& traits, std::ostream& out) {
  Page page(traits, out);
  std::string subject;
  for (const auto& check : checks) {
    if (check.subject != subject) page.paragraph(page.safe(check.subject), Style::kStrong);
    subject = check.subject;
    print_check(check, longest_name(checks), page);
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
                    {"to_paste", check.to_paste},
                    {"duration_ms", check.took.count()}});
  }
  const nlohmann::json document = {{"schema", "ballast.doctor/1"}, {"checks", list}};
  out << document.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace ballast::cli
