#include <gmock/gmock.h>

#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;

class FindVm : public ::testing::Test {
 protected:
  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));

  std::vector<std::string> found(const std::string& key) {
    std::vector<std::string> morefs;
    for (const model::JudgedGuest& row : must(must(Queries::open(dir_.path()))->find_vm(key))) {
      morefs.push_back(row.vcenter + "/" + row.vm.moref);
    }
    return morefs;
  }
  static model::JudgedGuest named(int number, const std::string& name) {
    model::JudgedGuest result = make_result(number);
    result.vm.name = name;
    return result;
  }
};

using Morefs = std::vector<std::string>;

TEST_F(FindVm, ByNameMorefAndEitherUuid) {
  write_scan(*store_, {named(1, "db"), named(2, "web")});
  EXPECT_EQ(found("db"), Morefs{"lab/vm-1"});
  EXPECT_EQ(found("vm-2"), Morefs{"lab/vm-2"});
  EXPECT_EQ(found(make_vm(2).instance_uuid), Morefs{"lab/vm-2"});
  EXPECT_EQ(found(make_vm(1).bios_uuid), Morefs{"lab/vm-1"});
  EXPECT_EQ(found("nothing"), Morefs{});
  EXPECT_EQ(found(""), Morefs{});
  EXPECT_EQ(found("%"), Morefs{});
  EXPECT_EQ(found("d' OR '1'='1"), Morefs{});
}

TEST_F(FindVm, CaseIsIgnoredOnlyIfNothingMatchesExactly) {
  write_scan(*store_, {named(1, "DB"), named(2, "db"), named(3, "Web")});
  EXPECT_EQ(found("DB"), Morefs{"lab/vm-1"});
  EXPECT_EQ(found("db"), Morefs{"lab/vm-2"});
  EXPECT_EQ(found("dB"), (Morefs{"lab/vm-1", "lab/vm-2"}));
  EXPECT_EQ(found("WEB"), Morefs{"lab/vm-3"});
  std::string uuid = make_vm(3).instance_uuid;
  for (char& c : uuid) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(found(uuid), Morefs{"lab/vm-3"});
}

TEST_F(FindVm, AnAmbiguousNameGivesEveryVmThatHasIt) {
  write_scan(*store_, {named(1, "twin"), named(2, "twin"), named(3, "other")},
             ScanStatus::kComplete, "b", make_about("b"));
  write_scan(*store_, {named(4, "twin")}, ScanStatus::kComplete, "a", make_about("a"));
  EXPECT_EQ(found("twin"), (Morefs{"a/vm-4", "b/vm-1", "b/vm-2"}));
}

TEST_F(FindVm, TheNewestUsableScanIsTheOneShown) {
  write_scan(*store_, {make_result(1)});
  const ScanId newest = write_scan(*store_, {make_result(1)}, ScanStatus::kPartial);
  write_scan(*store_, {make_result(1)}, ScanStatus::kFailed);
  const auto rows = must(must(Queries::open(dir_.path()))->find_vm("web-00001"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].scan_id, newest);
}

TEST_F(FindVm, AVmThatIsGoneIsFoundOnlyIfNoneThatIsThereMatches) {
  const ScanId first = write_scan(*store_, {named(1, "db"), named(2, "lone")});
  write_scan(*store_, {named(3, "db")});
  EXPECT_EQ(found("db"), Morefs{"lab/vm-3"});
  EXPECT_EQ(found("DB"), Morefs{"lab/vm-3"});
  const auto rows = must(must(Queries::open(dir_.path()))->find_vm("lone"));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].scan_id, first);
}

TEST_F(FindVm, AVmThatOnlyAFailedScanSawIsNotFound) {
  write_scan(*store_, {make_result(1)});
  write_scan(*store_, {make_result(2)}, ScanStatus::kFailed);
  EXPECT_EQ(found("web-00002"), Morefs{});
}

TEST_F(FindVm, NamesAreComparedByTheirBytes) {
  const std::string with_nul("a\0b", 3);
  write_scan(*store_, {named(1, with_nul), named(2, "a"), named(3, "\xff\xfe")});
  EXPECT_EQ(found(with_nul), Morefs{"lab/vm-1"});
  EXPECT_EQ(found("a"), Morefs{"lab/vm-2"});
  EXPECT_EQ(found("\xff\xfe"), Morefs{"lab/vm-3"});
}

}  // namespace
}  // namespace ballast::storage
