#include "hub/setbacks.h"

#include <gmock/gmock.h>

#include "hub/content_id.h"
#include "tests/hub/sending.h"

namespace ballast::hub {
namespace {

using std::chrono::minutes;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SetbacksTest : public SendingTest {
 protected:
  // Of the fleet's vCenter.
  std::int64_t vcenter_ = vcenter_id(bench::Fleet::about().instance_uuid, "");

  static model::Setback setback(int failures, int minute, const std::string& username = "root") {
    const UtcTime tried = storage::kStart + minutes(minute);
    return {model::UnknownReason::kInvalidGuestLogin, failures, tried, tried + minutes(30),
            username};
  }
  std::vector<GuestSetback> guests() { return sure(read_guest_setbacks(writer_, vcenter_)); }
  std::vector<model::LoginSetback> logins() { return sure(read_login_setbacks(writer_, vcenter_)); }
};

TEST_F(SetbacksTest, ALoginIsToldAsItWasAndForgotten) {
  const UtcTime tried = storage::kStart;
  sure(write_login_setback(writer_, vcenter_, {"", "root", 2, tried, tried + minutes(30)}));
  sure(write_login_setback(writer_, vcenter_, {"", "admin", 1, tried, tried + minutes(5)}));
  ASSERT_THAT(logins(), SizeIs(2));
  EXPECT_EQ(logins()[1].username, "root");
  EXPECT_EQ(logins()[1].failures, 2);
  EXPECT_EQ(logins()[1].last_try, tried);
  EXPECT_EQ(logins()[1].next_try, tried + minutes(30));
  EXPECT_THAT(sure(read_login_setbacks(writer_, vcenter_ + 1)), IsEmpty()) << "another vCenter";
  sure(write_login_setback(writer_, vcenter_, {"", "root", 0, tried, tried}));
  EXPECT_THAT(logins(), SizeIs(1));
}

TEST_F(SetbacksTest, TheLatestTryCountsWhoeverTellsItLater) {
  const UtcTime tried = storage::kStart;
  sure(write_login_setback(writer_, vcenter_,
                           {"", "root", 3, tried + minutes(9), tried + minutes(90)}));
  sure(write_login_setback(writer_, vcenter_, {"", "root", 1, tried, tried + minutes(5)}));
  EXPECT_EQ(logins().front().failures, 3);
  sure(write_guest_setbacks(writer_, vcenter_, {{"u-1", "vm-1", setback(3, 9)}}));
  sure(write_guest_setbacks(writer_, vcenter_, {{"u-1", "vm-1", setback(1, 2)}}));
  EXPECT_EQ(guests().front().setback->failures, 3);
  sure(write_guest_setbacks(writer_, vcenter_, {{"u-1", "vm-1", setback(4, 20, "admin")}}));
  EXPECT_EQ(guests().front().setback->failures, 4);
  EXPECT_EQ(guests().front().setback->username, "admin");
}

TEST_F(SetbacksTest, AGuestIsRememberedBeforeTheHubHasItsVmAndForgottenOnceItIsRead) {
  sure(write_guest_setbacks(writer_, vcenter_,
                            {{"u-1", "vm-1", setback(1, 0)}, {"", "vm-2", setback(2, 0)}}));
  ASSERT_THAT(guests(), SizeIs(2));
  sure(write_guest_setbacks(writer_, vcenter_, {{"u-1", "vm-7", std::nullopt}}));
  ASSERT_THAT(guests(), SizeIs(1));
  EXPECT_EQ(guests().front().moref, "vm-2");
  EXPECT_EQ(guests().front().setback->reason, model::UnknownReason::kInvalidGuestLogin);
  sure(write_guest_setbacks(writer_, vcenter_, {{"", "vm-2", std::nullopt}}));
  EXPECT_THAT(guests(), IsEmpty());
}

TEST_F(SetbacksTest, ItIsThatOfTheVmThatScansTell) {
  const auto vm = bench::Fleet(40, 100).result(7, 1, UtcTime{}).vm;
  sure(write_guest_setbacks(writer_, vcenter_, {{vm.instance_uuid, vm.moref, setback(1, 0)}}));
  sure(sender().send_scan(write_fleet(*store_, {1, hours_ago(4)})));
  const std::string same =
      "SELECT count(*) FROM ballast.guest_setback AS s JOIN ballast.vm USING "
      "(vcenter_id) WHERE vm.id = s.vm_id AND vm.moref = s.moref";
  EXPECT_EQ(ask(boss_, same), 1);
  sure(write_guest_setbacks(
      writer_, vcenter_,
      {{vm.instance_uuid, vm.moref, setback(2, 1)}, {vm.instance_uuid, vm.moref, setback(3, 5)}}));
  EXPECT_EQ(ask(boss_, same), 1);
  EXPECT_EQ(guests().front().setback->failures, 3);
}

}  // namespace
}  // namespace ballast::hub
