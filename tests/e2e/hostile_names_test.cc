// VM names that try to control the terminal of whoever reads them, or that are no text at all.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/terminal.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCapture = "w_vmw_balloon_shim_2m/512";

// \xNN is that byte on the wire, see the lab's README. Each shows the word "pwned" if it is let
// through as it came.
const std::vector<std::string> kNames = {
    "title-\\x1b]0;pwned\\x07",  // ESC, which XML forbids: what a broken server sends
    "red-\\x1b[31mpwned",        //
    "c1-\xc2\x9b"
    "31mpwned",  // CSI in one character, legal in XML
    "bidi-\xe2\x80\xae"
    "denwp",                         // right-to-left override
    "isolate-\xe2\x81\xa6pwned",     //
    "invalid-\\xff\\xfe\\xc3pwned",  // not UTF-8
    "overlong-\\xc0\\x9bpwned",      // ESC in a form that UTF-8 forbids
    "lines-one\ntwo\tthree",         //
    "<script>&amp;\"'-pwned",        //
    "=cmd|' /C calc'!A0",            // a formula, for whoever opens the CSV
    std::string(3000, 'x'),          //
};

json hostile_fleet() {
  json guests = json::array();
  for (const auto& name : kNames) {
    guests.push_back({{"name", name}, {"group", "hostile"}, {"capture", kCapture}});
  }
  guests.push_back({{"name", "good-%d"}, {"count", 3}, {"capture", kCapture}});
  return {{"guests", guests}};
}

// Bytes that a terminal acts on, but for the ends of lines, which CSV has as \r\n. Colours and the
// progress line are ballast's own; they are not looked for where stdout is a terminal.
bool has_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n' && c != '\r') || c == 0x7f;
  });
}

bool has_hostile_sequence(const std::string& text) {
  for (const char* piece : {"\x1b]", "\x07", "\x1b[31mpwned", "\xc2\x9b", "\xe2\x80\xae",
                            "\xe2\x81\xa6", "\xff", "\xc0\x9b"}) {
    if (text.find(piece) != std::string::npos) return true;
  }
  return false;
}

class HostileNames : public ::testing::Test {
 protected:
  HostileNames() { write_config(workspace, lab); }

  const lab::Lab lab{hostile_fleet()};
  const Workspace workspace;
};

TEST_F(HostileNames, DoNoHarmInAnyOutput) {
  const auto scan = run_ballast(workspace, with_config(workspace, {"scan", "-v", "-v"}));
  EXPECT_EQ(scan.exit_code, 0) << scan.err;
  EXPECT_FALSE(has_control(scan.out + scan.err)) << scan.out << scan.err;
  const std::vector<std::vector<std::string>> commands = {
      {"report", "--all"},
      {"report", "--all", "--format", "csv"},
      {"report", "--all", "--format", "json"},
      {"history"},
      {"export", "--format", "csv"},
      {"vm", "title-*"},
      {"vm", "no such vm"},
      {"doctor"},
  };
  for (const auto& command : commands) {
    const auto piped = run_ballast(workspace, with_config(workspace, command));
    EXPECT_FALSE(has_control(piped.out + piped.err)) << command[0] << ":\n" << piped.out;
    EXPECT_FALSE(has_hostile_sequence(piped.out + piped.err)) << command[0] << ":\n" << piped.out;
    const std::string shown = run_on_terminal(with_config(workspace, command));
    EXPECT_FALSE(has_hostile_sequence(shown)) << command[0] << " on a terminal:\n" << shown;
  }
}

TEST_F(HostileNames, CostNoOtherGuestAndStayTellable) {
  const std::string shown = run_on_terminal(with_config(workspace, {"scan"}));
  EXPECT_FALSE(has_hostile_sequence(shown)) << "the progress line:\n" << shown;
  const json report = run_json(workspace, {"report", "--all"}, 0);
  EXPECT_EQ(report["summary"]["vms"], kNames.size() + 3) << report;
  EXPECT_EQ(report["summary"]["guests_read"], kNames.size() + 3);
  const json stats = lab.get("/stats");
  EXPECT_EQ(stats["sessions"], 0);
  EXPECT_TRUE(stats["leftover_files"].empty());
}

}  // namespace
}  // namespace ballast::e2e
