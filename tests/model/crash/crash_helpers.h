// Shared by the tests of crash's text.
#pragma once

#include <string_view>

#include <gtest/gtest.h>

#include "model/crash/text.h"

namespace ballast::test {

// Empty, and the test failed, if the text is refused.
inline model::CrashReading parsed(std::string_view text) {
  auto reading = model::parse_crash_text(text);
  EXPECT_TRUE(reading) << reading.error().message;
  return reading ? *reading : model::CrashReading{};
}

}  // namespace ballast::test
