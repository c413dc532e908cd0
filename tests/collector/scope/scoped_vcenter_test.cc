#include "collector/scope/scoped_vcenter.h"

#include "tests/collector/scan_fixture.h"

namespace ballast::collector::testing {
namespace {

class ScopedScanTest : public ScanTest {
 protected:
  ScanSummary run_limited(const ScanScope& scope) {
    ScopedVcenter scoped(vcenter, "vc", scope);
    Scan scan(io.get_executor(), scoped, store, observer, options);
    return testing::run(io, scan.run());
  }
};

TEST_F(ScopedScanTest, PagesWithoutAVmInTheScopeAreNotTheEnd) {
  for (int page = 0; page < 4; ++page) add_page(page * 10, 10);
  vcenter.tags.known["Env"]["Prod"] = {"vm-5", "vm-31", "vm-99"};
  ScanScope scope;
  scope.tags = {"Env/Prod"};
  const auto summary = run_limited(scope);
  EXPECT_EQ(summary.status, ScanStatus::kComplete);
  EXPECT_EQ(summary.listed, 2U);
  EXPECT_EQ(store.results.size(), 2U);
  EXPECT_TRUE(store.results.contains("vm-31"));
  expect_nothing_left();
}

TEST_F(ScopedScanTest, OnlyTagsThatMatchAreAskedForVms) {
  add_page(0, 1);
  vcenter.tags.known = {{"Env", {{"Prod", {"vm-0"}}, {"Test", {}}}}, {"Team", {{"A", {}}}}};
  ScanScope scope;
  scope.tags = {"Env/P*"};
  EXPECT_EQ(run_limited(scope).status, ScanStatus::kComplete);
  const std::vector<std::string> expected = {"categories", "tags of Env", "VMs of Env/Prod",
                                             "close"};
  EXPECT_EQ(vcenter.tags.log, expected);
}

TEST_F(ScopedScanTest, TagsThatCannotBeReadEndTheScanAndTheirSession) {
  add_page(0, 1);
  vcenter.tags.error = Error{ErrorCode::kPermission, "vc: reading tags: no", {}, {}};
  ScanScope scope;
  scope.tags = {"Env/P*"};
  const auto summary = run_limited(scope);
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_EQ(summary.error->code, ErrorCode::kPermission);
  EXPECT_EQ(vcenter.tags.log.back(), "close");
  EXPECT_TRUE(store.results.empty());
}

TEST_F(ScopedScanTest, AnEsxiHostHasNoTags) {
  add_page(0, 1);
  vcenter.is_esxi = true;
  ScanScope scope;
  scope.tags = {"Env/P*"};
  const auto summary = run_limited(scope);
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_EQ(summary.error->message, "vc: the scan is limited to tags, and an ESXi host has none");
  EXPECT_TRUE(vcenter.tags.log.empty()) << "nobody needs to ask it";
}

TEST_F(ScopedScanTest, WhoseFolderNobodyKnowsIsLeftOut) {
  vcenter.known_folders = {{"group-v1", "Linux", "", false}};
  add_page(0, 2);
  vcenter.pages[0][0].folder_moref = "group-v1";
  ScanScope scope;
  scope.folders = {"*"};
  const auto summary = run_limited(scope);
  EXPECT_EQ(summary.status, ScanStatus::kPartial) << "else it would count as gone";
  EXPECT_EQ(summary.error->code, ErrorCode::kPermission);
  EXPECT_EQ(summary.listed, 1U);
  vcenter.pages_given = 0;
  vcenter.pages[0][0].folder_moref.clear();
  const auto none = run_limited(scope);
  EXPECT_EQ(none.status, ScanStatus::kFailed);
  EXPECT_NE(none.error->message.find("2 VMs are left out, because the user may not see"),
            std::string::npos)
      << none.error->message;
}

TEST_F(ScopedScanTest, FoldersAreReadOnceForLoginsAndScope) {
  vcenter.known_folders = {{"group-v1", "Linux", "", false}};
  add_page(0, 1);
  vcenter.pages[0][0].folder_moref = "group-v1";
  options.selection.logins[0].who.folder = "Linux";
  ScanScope scope;
  scope.folders = {"Linux"};
  EXPECT_EQ(run_limited(scope).status, ScanStatus::kComplete);
  EXPECT_EQ(vcenter.inside.asked, std::vector<std::string>{"vm-0"});
  EXPECT_EQ(vcenter.folder_calls, 1);
}

TEST_F(ScopedScanTest, ASummarySaysWhatItWasLimitedTo) {
  add_page(0, 1);
  options.limited_to = "clusters \"c\"";
  ScanScope scope;
  scope.clusters = {"c"};
  EXPECT_EQ(run_limited(scope).limited_to, "clusters \"c\"");
  EXPECT_EQ(store.start->limited_to, "clusters \"c\"");
}

}  // namespace
}  // namespace ballast::collector::testing
