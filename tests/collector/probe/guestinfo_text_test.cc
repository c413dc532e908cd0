// What a probe hands to the hypervisor, by the script itself in real shells.
#include "collector/probe/guestinfo_text.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/probe_script.h"
#include "collector/send_script.h"
#include "tests/accuracy/captures.h"
#include "tests/accuracy/probe_runner.h"
#include "tests/model/parse/guest_tree.h"

namespace ballast::collector {
namespace {

namespace fs = std::filesystem;
using test::Tree;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kTool = "usr/bin/vmware-rpctool";
constexpr const char* kKeeps = "#!/bin/sh\nprintf %s \"$1\" >\"$BALLAST_ROOT/told\"\n";
constexpr const char* kMeminfo = "MemTotal:\t2000000 kB\nMemFree: 1000000 kB\n";

// A guest with VMware Tools whose hypervisor does what `tool` says.
Tree& with_tools(Tree& tree, std::string_view tool) {
  tree.with("proc/meminfo", kMeminfo).with(kTool, tool);
  fs::permissions(fs::path(tree.root()) / kTool, fs::perms::owner_all);
  return tree;
}

int send(const Tree& tree, const std::string& shell, const std::string& key,
         const std::string& path = "/usr/bin:/bin") {
  const std::string script =
      "probe() {\n" + std::string(kProbeScript) + "\n}\n" + std::string(kSendScript);
  return test::run({"/usr/bin/env", "BALLAST_KEY=" + key, shell, "-c", script}, tree.root(), path)
      .exit_status;
}

// What the hypervisor has under a key, behind the command that set it.
std::string told(const Tree& tree, std::string_view key) {
  const auto text = test::read_text(fs::path(tree.root()) / "told");
  const std::string command = "info-set " + std::string(key) + " ";
  return text.starts_with(command) ? text.substr(command.size()) : "";
}

TEST(GuestinfoText, WhatAProbeSealsOnlyItsKeyOpens) {
  for (const char* shell : {"/bin/dash", "/bin/bash"}) {
    Tree tree;
    with_tools(tree, kKeeps);
    const Secret key = new_guestinfo_key();
    ASSERT_EQ(send(tree, shell, key.reveal()), 0) << shell;
    const auto text = told(tree, kProbeKey);
    const auto output = open_sealed(text, key);
    ASSERT_TRUE(output) << text;
    EXPECT_THAT(*output, StartsWith("\n@@ballast begin 1\n"));
    EXPECT_THAT(*output, HasSubstr("\nMemTotal: 2000000 kB\nMemFree: 1000000 kB\n"));
    EXPECT_THAT(*output, EndsWith("\n@@ballast end\n"));
    EXPECT_FALSE(open_sealed(text, new_guestinfo_key())) << "the key of another probe";
    EXPECT_FALSE(open_report(text));
    std::string changed = text;
    changed[changed.find("2000000")] = '9';
    EXPECT_FALSE(open_sealed(changed, key)) << "a text that was changed";
    EXPECT_FALSE(open_sealed(text + " ", key));
  }
}

TEST(GuestinfoText, KeysDiffer) {
  EXPECT_NE(new_guestinfo_key().reveal(), new_guestinfo_key().reveal());
}

TEST(GuestinfoText, AReportNeedsNoKeyAndOpensNoSeal) {
  Tree tree;
  with_tools(tree, kKeeps);
  ASSERT_EQ(send(tree, "/bin/dash", ""), 0);
  const auto text = told(tree, kReportKey);
  const auto output = open_report(text);
  ASSERT_TRUE(output) << text;
  EXPECT_THAT(*output, HasSubstr("\nMemFree: 1000000 kB\n"));
  EXPECT_FALSE(open_sealed(text, Secret("")));
}

TEST(GuestinfoText, NothingElseOpens) {
  for (const char* text : {"", " ", "-", "@@ballast begin 1", "0 x", "- "}) {
    EXPECT_FALSE(open_sealed(text, Secret("k"))) << text;
  }
  EXPECT_FALSE(open_report("hello"));
}

// The collector tells by the status what to do instead.
TEST(SendScript, SaysWhyItCannotSend) {
  Tree bare;
  bare.with("proc/meminfo", kMeminfo);
  EXPECT_EQ(send(bare, "/bin/dash", "k"), 120) << "no VMware Tools";

  Tree refused;
  with_tools(refused, "#!/bin/sh\nexit 1\n");
  EXPECT_EQ(send(refused, "/bin/dash", "k"), 123) << "the hypervisor takes nothing";

  Tree large;
  with_tools(large, kKeeps).with("proc/modules", [] {
    std::string text;
    for (int i = 0; i < 40; ++i) text += std::string(2000, 'm') + " 1 0 - Live 0x0 (OE)\n";
    return text;
  }());
  EXPECT_EQ(send(large, "/bin/dash", "k"), 122) << "64 KiB is the most";
  EXPECT_FALSE(fs::exists(fs::path(large.root()) / "told"));

  Tree unread;
  with_tools(unread, kKeeps);
  fs::remove(fs::path(unread.root()) / "proc/meminfo");
  EXPECT_EQ(send(unread, "/bin/dash", "k"), 1) << "the probe's own status";
}

}  // namespace
}  // namespace ballast::collector
