#include "base/secret.h"

#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace ballast {
namespace {

TEST(Secret, MovedFromSecretIsEmpty) {
  Secret source(std::string("short"));  // short enough for the string's own buffer
  const Secret target = std::move(source);
  EXPECT_EQ(target.reveal(), "short");
  EXPECT_TRUE(source.empty());  // NOLINT: the point of the test
}

TEST(Secret, WipeLeavesNoByteBehind) {
  std::string text = "a password that is longer than the small buffer";
  const char* memory = text.data();
  const std::size_t size = text.size();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(memory, size), std::string(size, '\0'));
}

static_assert(!std::is_convertible_v<Secret, std::string>, "a Secret must be revealed by name");

}  // namespace
}  // namespace ballast
