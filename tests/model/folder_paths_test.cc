#include "model/folder_paths.h"

#include <gtest/gtest.h>

namespace ballast::model {
namespace {

TEST(FolderPaths, NamesFromTheTopDown) {
  const FolderPaths paths({{"group-v1", "Paris", ""},
                           {"group-v2", "Prod", "group-v1"},
                           {"group-v3", "Web/DMZ", "group-v2"}});
  EXPECT_EQ(paths.path_of("group-v3"), "Paris/Prod/Web/DMZ");
  EXPECT_EQ(paths.path_of("group-v1"), "Paris");
}

TEST(FolderPaths, WhatCannotBeToldIsNoPath) {
  const FolderPaths paths({{"group-v2", "Prod", "group-v1"},
                           {"group-v4", "A", "group-v5"},
                           {"group-v5", "B", "group-v4"},
                           {"group-v6", "C", "group-v6"}});
  EXPECT_FALSE(paths.path_of("")) << "a VM in a vApp";
  EXPECT_FALSE(paths.path_of("group-v9")) << "a folder that nobody told of";
  EXPECT_FALSE(paths.path_of("group-v2")) << "half a path would match patterns of another place";
  EXPECT_FALSE(paths.path_of("group-v4")) << "a circle";
  EXPECT_FALSE(paths.path_of("group-v6")) << "its own parent";
}

TEST(FolderPaths, WhatIsBelowWhat) {
  const FolderPaths paths({{"group-v1", "Paris", ""},
                           {"group-v2", "Prod", "group-v1"},
                           {"group-v3", "Web", "group-v2"},
                           {"group-v4", "Test", "group-v1"},
                           {"group-v6", "Loop", "group-v7"},
                           {"group-v7", "Loop", "group-v6"},
                           {"group-v8", "Half", "group-v9"}});
  const struct {
    const char* folder;
    const char* above;
    std::optional<bool> is_in;
  } rows[] = {
      {"group-v3", "group-v2", true},         {"group-v3", "group-v1", true},
      {"group-v2", "group-v2", true},         {"group-v4", "group-v2", false},
      {"group-v1", "group-v2", false},        {"", "group-v2", std::nullopt},
      {"group-v5", "group-v2", std::nullopt}, {"group-v3", "group-v99", std::nullopt},
      {"group-v6", "group-v2", std::nullopt}, {"group-v8", "group-v2", std::nullopt},
      {"group-v8", "group-v8", true},         {"group-v6", "group-v7", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(paths.is_in(row.folder, row.above), row.is_in) << row.folder << " in " << row.above;
  }
}

}  // namespace
}  // namespace ballast::model
