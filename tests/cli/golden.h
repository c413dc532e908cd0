// Golden files: expected output as data, in tests/golden. BALLAST_UPDATE_GOLDEN=1 rewrites them.
#pragma once

#include <string>

#include <gtest/gtest.h>

namespace ballast::cli {

// Success if `actual` is what tests/golden/<name> holds; else a failure with the differing lines.
// In the files ESC stands as "\e" and CR as "\r", so that they can be read and reviewed.
testing::AssertionResult matches_golden(const std::string& name, const std::string& actual);

}  // namespace ballast::cli
