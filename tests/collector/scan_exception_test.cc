// Exceptions, which are programming errors, in each place of a scan: told, and the scan has its end.
#include <gmock/gmock.h>

#include "tests/collector/scan_fixture.h"

namespace ballast::collector {
namespace {

using model::ScanStatus;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ScanTest;

class ScanExceptionTest : public ScanTest {
 protected:
  ScanExceptionTest() { add_page(0, 10); }
};

TEST_F(ScanExceptionTest, AtTheLogoutIsTheScansErrorAndItEndsInTheStore) {
  vcenter.throws_at_disconnect = true;
  const auto summary = run();
  ASSERT_TRUE(summary.error);
  EXPECT_THAT(summary.error->message, HasSubstr("logging out: something unexpected: out of good"));
  ASSERT_TRUE(store.end) << "it would be running for ever";
  EXPECT_THAT(store.end->error, HasSubstr("out of goodbyes"));
  EXPECT_EQ(store.results.size(), 10U);
}

TEST_F(ScanExceptionTest, TwoAtOnceAreBothTold) {
  vcenter.throws_at_page = 1;
  vcenter.throws_at_close = true;
  const auto summary = run();
  ASSERT_TRUE(summary.error);
  EXPECT_THAT(summary.error->message, AllOf(HasSubstr("out of paper"), HasSubstr("out of order")));
  EXPECT_EQ(store.results.size(), 10U) << "the page that was listed";
}

TEST_F(ScanExceptionTest, OfTheStoreIsAFailedScan) {
  struct Case {
    bool testing::FakeStore::*throws;
    const char* text;
    bool has_end;
  };
  const Case cases[] = {{&testing::FakeStore::throws_at_begin, "no pen", false},
                        {&testing::FakeStore::throws_at_results, "no ink", true},
                        {&testing::FakeStore::throws_at_finish, "no stamp", false}};
  for (const auto& one : cases) {
    store = {};
    vcenter.pages_given = 0;
    store.*one.throws = true;
    const auto summary = run();
    EXPECT_EQ(summary.status, ScanStatus::kFailed) << one.text;
    ASSERT_TRUE(summary.error) << one.text;
    EXPECT_THAT(summary.error->message, HasSubstr(one.text));
    EXPECT_EQ(store.end.has_value(), one.has_end) << one.text;
    EXPECT_FALSE(vcenter.logged_in) << one.text;
  }
}

}  // namespace
}  // namespace ballast::collector
