#include <gtest/gtest.h>

#include "collector/probe/guest_choice.h"

namespace ballast::collector {
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

}  // namespace
}  // namespace ballast::collector
