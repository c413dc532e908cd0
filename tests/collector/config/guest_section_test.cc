// Whose guests get which login, as the configuration says it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/config/config.h"

namespace ballast::collector {
namespace {

using ::testing::HasSubstr;

struct WrongLogin {
  const char* what;
  const char* text;
  const char* problem;
};

constexpr const char* kOneVcenter =
    "[[vcenter]]\nurl = \"https://v\"\nusername = \"u\"\n"
    "password_env = \"P\"\n";
// Two vCenters, and a third that is logged in to with a token.
constexpr const char* kThree =
    "[[vcenter]]\nname = \"paris\"\nurl = \"https://p\"\nusername = \"u\"\npassword_env = \"P\"\n"
    "[[vcenter]]\nname = \"rome\"\nurl = \"https://r\"\nusername = \"u\"\npassword_env = \"P\"\n"
    "[[vcenter]]\nname = \"oslo\"\nurl = \"https://o\"\ntoken_file = \"t\"\n";
constexpr const char* kGuestLogin = "username = \"g\"\npassword_env = \"G\"\n";

TEST(GuestSection, WithSeveralVcentersALoginSaysWhoseItIs) {
  const WrongLogin cases[] = {
      {"nobody's default", "[guest]\n",
       "b.toml:15: which vCenter's guests get the login of g? With several [[vcenter]], write "
       "vcenter = \"paris\", or a list of [\"paris\", \"rome\", \"oslo\"]; \"*\" hands it to every "
       "one"},
      {"nobody's override", "[[guest.override]]\nvm = \"a\"\n",
       "b.toml:15: which vCenter's guests get the login of g?"},
      {"misspelled", "[guest]\nvcenter = \"roma\"\n",
       "b.toml:16: vcenter: no [[vcenter]] is named \"roma\"; did you mean rome?"},
      {"one of them unknown", "[guest]\nvcenter = [\"rome\", \"athens\"]\n",
       "no [[vcenter]] is named \"athens\"; known here: paris, rome, oslo"},
      {"a pattern", "[guest]\nvcenter = \"r*\"\n", "no [[vcenter]] is named \"r*\""},
      {"all and one", "[guest]\nvcenter = [\"*\", \"rome\"]\n",
       "b.toml:16: vcenter: \"*\" means every vCenter, and stands alone"},
      {"a number", "[guest]\nvcenter = 3\n",
       "b.toml:16: vcenter must be a text in quotes, or a list of them"},
      {"none", "[guest]\nvcenter = []\n", "vcenter must be a list of texts"},
      {"an id of two",
       "[[guest.override]]\nvcenter = [\"rome\", \"paris\"]\nfolder_id = \"group-v3\"\n",
       "b.toml:17: folder_id is one vCenter's, and another folder in the next"},
      {"an id of all", "[[guest.override]]\nvcenter = \"*\"\nfolder_id = \"group-v3\"\n",
       "folder_id is one vCenter's"},
      {"tags, which a token does not open",
       "[[guest.override]]\nvcenter = \"*\"\ntag = \"Env/Prod\"\n",
       "b.toml:17: tag needs a login with a password at oslo"},
      {"no folder", "[[guest.override]]\nvcenter = \"rome\"\nfolder_id = \"Prod/Web\"\n",
       "b.toml:17: folder_id: \"Prod/Web\": no id of a folder of VMs"},
      {"a folder of hosts", "[[guest.override]]\nvcenter = \"rome\"\nfolder_id = \"group-h4\"\n",
       "b.toml:17: folder_id: \"group-h4\": no id of a folder of VMs"},
      {"the root folder", "[[guest.override]]\nvcenter = \"rome\"\nfolder_id = \"group-d1\"\n",
       "b.toml:17: folder_id: \"group-d1\": no id of a folder of VMs"},
      {"a datacenter", "[[guest.override]]\nvcenter = \"rome\"\nfolder_id = \"datacenter-2\"\n",
       "no id of a folder of VMs"},
      {"no UUID", "[[guest.override]]\nvcenter = \"rome\"\ninstance_uuid = \"vm-12\"\n",
       "b.toml:17: instance_uuid: \"vm-12\": no UUID"},
      {"no category", "[[guest.override]]\nvcenter = \"rome\"\ntag = [\"Env/Prod\", \"Prod\"]\n",
       "b.toml:17: tag: \"Prod\": write \"Category/Tag\""},
      {"a host that would match nothing",
       "[[guest.override]]\nvcenter = \"rome\"\ncluster = \"a%2fb\"\n",
       "b.toml:17: cluster: write / for %2f"},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_config(std::string(kThree) + c.text + kGuestLogin, "b.toml");
    ASSERT_FALSE(parsed) << c.what;
    EXPECT_THAT(parsed.error().message, HasSubstr(c.problem)) << c.what;
  }
}

TEST(GuestSection, WhereALoginNeedNotSayWhoseItIs) {
  const std::string one = std::string(kOneVcenter) + "[guest]\n" + kGuestLogin;
  EXPECT_TRUE(parse_config(one, "b.toml")) << "with one vCenter";
  EXPECT_TRUE(parse_config(one + "vcenter = \"v\"\n", "b.toml")) << "but it may";
  const std::string others = std::string(kThree) +
                             "[[guest.override]]\nvm = \"a\"\nskip = true\n"
                             "[[guest.override]]\nvcenter = \"rome\"\nprobe = \"guestinfo\"\n";
  const auto without = parse_config(others, "b.toml");
  ASSERT_TRUE(without) << "without a login: " << without.error().message;
  EXPECT_TRUE(is_for(without->guest.rules[0], "oslo"));
  EXPECT_TRUE(is_for(without->guest.rules[1], "rome")) << "a vCenter alone is a rule for all of it";
  EXPECT_FALSE(is_for(without->guest.rules[1], "oslo"));
}

TEST(GuestSection, AVcenterForNoLoginAndANameForAll) {
  const auto idle = parse_config(std::string(kOneVcenter) + "[guest]\nvcenter = \"v\"\n", "b.toml");
  ASSERT_FALSE(idle);
  EXPECT_THAT(idle.error().message,
              HasSubstr("b.toml:6: vcenter says whose guests get the login of "
                        "[guest], which has none"));
  const auto star = parse_config(std::string(kOneVcenter) + "name = \"*\"\n", "b.toml");
  ASSERT_FALSE(star);
  EXPECT_THAT(star.error().message, HasSubstr("no vCenter can be named \"*\""));
}

}  // namespace
}  // namespace ballast::collector
