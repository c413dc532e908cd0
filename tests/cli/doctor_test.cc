// What `ballast doctor` says of what it found, and how it judges certificates, files and disks.
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/doctor/machine.h"
#include "cli/doctor/network.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kThumbprint =
    "4A:5B:6C:7D:8E:9F:A0:B1:C2:D3:E4:F5:06:17:28:39:4A:5B:6C:7D:8E:9F:A0:B1:C2:D3:E4:F5:06:17:28:"
    "39";

Check timed(std::string subject, std::string what, CheckState state, std::string detail,
            std::string hint, int took_ms) {
  Check check{std::move(subject), std::move(what), state, std::move(detail), std::move(hint)};
  check.took = milliseconds(took_ms);
  return check;
}

// One vCenter that is well but for a guest, one whose certificate nobody vouches for.
std::vector<Check> mixed_checks() {
  using enum CheckState;
  std::vector<Check> checks = {
      {"configuration", "file", kOk, "/etc/ballast/ballast.toml: 2 vCenters, 3 guest logins"},
      {"configuration", "password file", kFailed,
       "/etc/ballast/branch.password: open to every user (mode 0644)",
       "chmod 0600 /etc/ballast/branch.password"},
      {"database", "disk space", kWarning, "412 MiB free",
       "free some space, or keep less: keep_raw in [storage], then ballast db prune"},
      timed("lab", "name lookup", kOk, "192.0.2.10, 2001:db8::10", "", 3),
      timed("lab", "login", kOk, "as ballast@vsphere.local", "", 412),
      timed("lab", "guest: create file", kOk, "/tmp/ballast-Xy3.txt", "", 150),
      timed("lab", "guest: start program", kOk, "/bin/sh, process 4211", "", 201),
      timed("lab", "guest: wait", kFailed,
            "the probe exited with status 1: /bin/sh is missing or too restricted, or "
            "/proc/meminfo cannot be read",
            "check that /bin/sh and awk work for the guest account", 1300),
      {"lab", "guest: fetch file", kSkipped, "not tried: guest: wait failed"},
      timed("lab", "guest: delete file", kOk, "/tmp/ballast-Xy3.txt", "", 98),
      timed("lab", "guest probe", kFailed, "web-\x1b[31m1: the probe failed in the guest",
            "put right the step above, then: ballast doctor --guest \"web-1\"", 1761)};
  auto tls = timed("branch", "TLS", kFailed,
                   "the certificate of vc.branch.example:443 is not trusted: no authority known "
                   "here signed it",
                   "set ca_file to the PEM file of the server's certificate authority, or, if you "
                   "are sure that this is the right server, set thumbprint",
                   21);
  tls.to_paste = "thumbprint = \"" + std::string(64, 'A') + "\"";
  checks.push_back(tls);
  for (const char* what : {"login", "clock", "guest probe"}) {
    checks.push_back({"branch", what, kSkipped, "not tried: TLS failed"});
  }
  return checks;
}

std::string printed(const std::vector<Check>& checks, const StreamTraits& traits) {
  std::ostringstream out;
  print_checks(checks, traits, out);
  return out.str();
}

TEST(DoctorGolden, MixedResult) {
  EXPECT_TRUE(matches_golden("doctor_tty80.txt", printed(mixed_checks(), colour_tty(80))));
  EXPECT_TRUE(matches_golden("doctor_piped.txt", printed(mixed_checks(), piped())));
}

TEST(DoctorGolden, Json) {
  std::ostringstream out;
  print_checks_json(mixed_checks(), out);
  EXPECT_TRUE(matches_golden("doctor.json", out.str()));
}

TEST(DoctorOutput, ThumbprintIsNeverFolded) {
  const auto text = printed(mixed_checks(), ascii_tty(60));
  EXPECT_THAT(text, HasSubstr("\nthumbprint = \"" + std::string(64, 'A') + "\"\n"))
      << "a digest in two pieces cannot be copied";
}

TEST(DoctorOutput, StepsSkippedForOneReasonAreOneLine) {
  const auto text = printed(mixed_checks(), piped());
  EXPECT_THAT(text, HasSubstr("skipped  3 steps               not tried: TLS failed"));
  EXPECT_THAT(text, HasSubstr("skipped  guest: fetch file     not tried: guest: wait failed"));
}

TEST(DoctorOutput, LastLineIsTheAnswer) {
  std::vector<Check> checks = {{"lab", "login"}};
  EXPECT_THAT(printed(checks, piped()), HasSubstr("\nReady: ballast scan\n"));
  checks.push_back({"lab", "clock", CheckState::kWarning});
  EXPECT_THAT(printed(checks, piped()), HasSubstr("\nReady, with 1 warning: ballast scan\n"));
  checks.push_back({"lab", "privileges", CheckState::kFailed});
  EXPECT_THAT(printed(checks, piped()), HasSubstr("\n1 check failed\n"));
}

TEST(CheckList, WhatCannotBeTriedNamesTheFailure) {
  CheckList list("lab");
  list.add("clock", CheckState::kWarning, "");
  list.add_failure("TLS", {ErrorCode::kTls, "expired", "", ""}, "renew it");
  const std::array<std::string_view, 3> steps = {"TLS", "login", "hosts"};
  list.skip_rest(steps);
  const auto checks = list.take();
  ASSERT_EQ(checks.size(), 4u) << "a step that was tried is not skipped as well";
  EXPECT_EQ(checks[1].hint, "renew it") << "every failure says what to do";
  EXPECT_EQ(checks[2].state, CheckState::kSkipped);
  EXPECT_EQ(checks[2].detail, "not tried: TLS failed");
  EXPECT_EQ(checks[3].what, "hosts");
  EXPECT_EQ(checks[3].subject, "lab");
}

vsphere::TlsReport certificate_for(std::chrono::days days) {
  return {"TLSv1.3", "vc.example.com", "Example CA", sample_now() + days, kThumbprint};
}

TEST(JudgeTls, WarnsBeforeTheCertificateEnds) {
  const auto judge = [](int days) {
    return judge_tls(certificate_for(std::chrono::days(days)), {}, sample_now());
  };
  EXPECT_EQ(judge(31).state, CheckState::kOk);
  EXPECT_THAT(judge(31).detail,
              AllOf(HasSubstr("TLSv1.3"), HasSubstr("Example CA"), HasSubstr("2026-12-24")));
  EXPECT_EQ(judge(29).state, CheckState::kWarning);
  EXPECT_THAT(judge(29).detail, HasSubstr("29 days"));
  EXPECT_THAT(judge(29).hint, HasSubstr("renew"));
  EXPECT_THAT(judge(1).detail, HasSubstr(": 1 day"));
  EXPECT_THAT(judge(-3).detail, HasSubstr("over")) << "pinned, it is accepted all the same";
}

TEST(JudgeTls, AnyCertificateIsAWarningWithTheWayOut) {
  const auto check =
      judge_tls(certificate_for(std::chrono::days(300)), {"", "", true}, sample_now());
  EXPECT_EQ(check.state, CheckState::kWarning);
  EXPECT_EQ(check.to_paste,
            "thumbprint = \"4A5B6C7D8E9FA0B1C2D3E4F5061728394A5B6C7D8E9FA0B1C2D3E4F506172839\"");
}

TEST(JudgeSpace, ComparesWithAGibibyteAndWithTheDatabase) {
  struct Row {
    std::int64_t free_kib;
    std::int64_t database_kib;
    CheckState state;
  };
  const Row rows[] = {
      {kKibPerGib, 100, CheckState::kOk},
      {kKibPerGib - 1, 100, CheckState::kWarning},
      {5 * kKibPerGib, 6 * kKibPerGib, CheckState::kWarning},
      {6 * kKibPerGib, 6 * kKibPerGib, CheckState::kOk},
      {0, 0, CheckState::kFailed},
  };
  for (const auto& row : rows) {
    const auto check = judge_space(row.free_kib, row.database_kib);
    EXPECT_EQ(check.state, row.state) << row.free_kib << " free of " << row.database_kib;
    EXPECT_EQ(check.hint.empty(), row.state == CheckState::kOk) << row.free_kib;
  }
}

class DoctorFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "ballast-doctor-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, mode_t mode) const {
    const auto path = folder_ + "/" + name;
    std::ofstream(path) << "text\n";
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::string folder_;
};

TEST_F(DoctorFiles, PasswordFilesThatOthersMayRead) {
  using Kind = collector::SecretSource::Kind;
  collector::Config config;
  EXPECT_TRUE(check_password_files(config).empty());
  config.vcenters.resize(1);
  config.vcenters[0].password = {Kind::kFile, file("closed", 0600)};
  ASSERT_EQ(check_password_files(config).size(), 1u);
  EXPECT_EQ(check_password_files(config)[0].state, CheckState::kOk);

  config.guest.rules.resize(3);
  config.guest.rules[0].password = {Kind::kFile, file("open", 0644)};
  config.guest.rules[1].password = {Kind::kFile, file("shared", 0660)};
  config.guest.rules[2].password = {Kind::kFile, folder_ + "/missing"};
  const auto checks = check_password_files(config);
  ASSERT_EQ(checks.size(), 3u) << "each file with a fault, and no other";
  for (const auto& check : checks) {
    EXPECT_FALSE(check.hint.empty()) << check.detail;
  }
  EXPECT_EQ(checks[0].state, CheckState::kFailed);
  EXPECT_EQ(checks[1].state, CheckState::kFailed);
  EXPECT_EQ(checks[2].state, CheckState::kFailed);
  EXPECT_THAT(checks[0].detail, HasSubstr("missing"));
  EXPECT_THAT(checks[1].detail, AllOf(HasSubstr("open"), HasSubstr("0644")));
  EXPECT_EQ(checks[1].hint, "chmod 0600 " + folder_ + "/open");
  EXPECT_THAT(checks[2].detail, AllOf(HasSubstr("group"), HasSubstr("0660")));
}

TEST_F(DoctorFiles, WhereADatabaseCanBeWritten) {
  EXPECT_EQ(check_writing(folder_ + "/ballast.db").state, CheckState::kOk);
  EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "nothing may be left of the attempt";
  const auto check = check_writing(folder_ + "/not/there/ballast.db");
  EXPECT_EQ(check.state, CheckState::kFailed);
  EXPECT_THAT(check.hint, HasSubstr("mkdir " + folder_ + "/not/there"));
  EXPECT_EQ(check_writing("/proc/ballast.db").state, CheckState::kFailed);
  EXPECT_EQ(check_space(folder_ + "/not/there/ballast.db").state, CheckState::kFailed);
}

TEST_F(DoctorFiles, DatabaseThatIsNoneIsAFailure) {
  EXPECT_EQ(check_store(folder_ + "/none.db").state, CheckState::kOk);
  const auto check = check_store(file("text.db", 0600));
  EXPECT_EQ(check.state, CheckState::kFailed);
  EXPECT_THAT(check.hint, HasSubstr("backup"));
}

}  // namespace
}  // namespace ballast::cli
