#include <algorithm>

#include <fmt/format.h>

#include "base/time.h"
#include "base/words.h"
#include "cli/views/formats.h"
#include "output/page.h"

namespace ballast::cli {

using output::Page;
using output::Style;

namespace {

Style state_style(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return Style::kGood;
    case CheckState::kWarning:
      return Style::kNotice;
    case CheckState::kFailed:
      return Style::kBad;
    case CheckState::kSkipped:
      break;
  }
  return Style::kFaint;
}

constexpr std::size_t kStateWidth = 7;

void print_check(const Check& check, std::size_t name_width, Page& page) {
  const auto style = state_style(check.state);
  std::string detail = page.safe(check.detail);
  if (check.took.count() > 0) {
    detail += fmt::format("{}({})", detail.empty() ? "" : " ", format_duration(check.took));
  }
  page.entry({{fmt::format("  {:<{}}", to_string(check.state), kStateWidth), style},
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

// How many checks from `first` on were skipped for one reason: a line is enough for all of them.
std::size_t skipped_alike(const std::vector<Check>& checks, std::size_t first) {
  const auto end = std::find_if(
      checks.begin() + static_cast<std::ptrdiff_t>(first), checks.end(), [&](const Check& check) {
        return check.state != CheckState::kSkipped || check.subject != checks[first].subject ||
               check.detail != checks[first].detail;
      });
  return static_cast<std::size_t>(end - checks.begin()) - first;
}

}  // namespace

void TextOutput::checks(const std::vector<Check>& checks) {
  Page page(traits_, out_);
  const auto name_width = longest_name(checks);
  std::string subject;
  for (std::size_t i = 0; i < checks.size();) {
    if (checks[i].subject != subject) page.paragraph(page.safe(checks[i].subject), Style::kStrong);
    subject = checks[i].subject;
    const auto alike = skipped_alike(checks, i);
    Check shown = checks[i];
    if (alike > 1) shown.what = counted(static_cast<std::int64_t>(alike), "step");
    print_check(shown, name_width, page);
    i += std::max<std::size_t>(alike, 1);
  }
  page.gap();
  page.paragraph(verdict_of(checks));
}

}  // namespace ballast::cli
