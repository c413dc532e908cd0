// Colours by meaning, for terminals that have them.
#pragma once

#include <string>
#include <string_view>

#include "model/verdict.h"

namespace ballast::cli {

enum class Style { kPlain, kStrong, kFaint, kGood, kNotice, kBad, kFinding };

// `text` between the escape sequences of `style`, or just `text` where `colour` is false.
[[nodiscard]] std::string paint(std::string_view text, Style style, bool colour);

[[nodiscard]] Style style_of(model::Verdict verdict);

}  // namespace ballast::cli
