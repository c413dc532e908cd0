#include "cli/style.h"

#include <fmt/format.h>

namespace ballast::cli {

namespace {

std::string_view code_of(Style style) {
  switch (style) {
    case Style::kStrong:
      return "1";
    case Style::kFaint:
      return "2";
    case Style::kGood:
      return "32";
    case Style::kNotice:
      return "33";
    case Style::kBad:
      return "1;31";
    case Style::kFinding:
      return "1;36";
    case Style::kPlain:
      break;
  }
  return {};
}

}  // namespace

std::string paint(std::string_view text, Style style, bool colour) {
  const auto code = code_of(style);
  if (!colour || code.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Style style_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::kBalloon:
      return Style::kFinding;
    case model::Verdict::kExcess:
      return Style::kBad;
    case model::Verdict::kHidden:
      return Style::kNotice;
    case model::Verdict::kClean:
      return Style::kGood;
    case model::Verdict::kUnknown:
      break;
  }
  return Style::kFaint;
}

}  // namespace ballast::cli
