// What the configuration becomes for those who do the work.
#include "cli/wiring.h"

#include <stdlib.h>

#include <gtest/gtest.h>

namespace ballast::cli {

using namespace output;
namespace {

collector::VcenterConfig vcenter() {
  ::setenv("BALLAST_WIRING_TEST_PASSWORD", "secret", 1);
  collector::VcenterConfig config;
  config.url = "https://vc.example.com";
  config.password = {collector::SecretSource::Kind::kEnvironment, "BALLAST_WIRING_TEST_PASSWORD"};
  return config;
}

// A guest operation holds its connection: with fewer, probes would wait for each other, and with
// none to spare the listing for probes.
TEST(Wiring, EveryProbeHasAConnectionAndTheListingToo) {
  collector::GuestConfig guest;
  guest.concurrency = 200;
  const auto options = client_options(vcenter(), guest);
  ASSERT_TRUE(options) << options.error().sentence();
  EXPECT_GT(options->max_connections, 200U);
}

TEST(Wiring, MaxConnectionsIsTakenAtItsWord) {
  auto config = vcenter();
  config.max_connections = 3;
  const auto options = client_options(config, {});
  ASSERT_TRUE(options) << options.error().sentence();
  EXPECT_EQ(options->max_connections, 3U);
}

// What a scan does not have it cannot give away.
TEST(Wiring, AVcenterGetsNoLoginOfAnothersGuests) {
  ::setenv("BALLAST_WIRING_TEST_PASSWORD", "secret", 1);
  using Kind = collector::SecretSource::Kind;
  const auto rule = [](const char* user, std::vector<std::string> vcenters, Kind kind,
                       const char* where) {
    collector::GuestRule made;
    made.username = user;
    made.vcenters = std::move(vcenters);
    made.password = {kind, where};
    return made;
  };
  collector::GuestConfig guest;
  guest.rules.push_back(rule("paris", {"paris"}, Kind::kFile, "/nonexistent/paris.password"));
  guest.rules.push_back(rule("both", {}, Kind::kEnvironment, "BALLAST_WIRING_TEST_PASSWORD"));
  guest.rules.push_back(
      rule("rome", {"rome", "oslo"}, Kind::kEnvironment, "BALLAST_WIRING_TEST_PASSWORD"));
  const auto rome = selection_rules(guest, "rome");
  ASSERT_TRUE(rome) << "the password of paris is not even fetched: " << rome.error().sentence();
  ASSERT_EQ(rome->logins.size(), 2U);
  EXPECT_EQ(rome->logins[0].credentials.username, "both");
  EXPECT_EQ(rome->logins[1].credentials.username, "rome");
  EXPECT_FALSE(selection_rules(guest, "paris"));
}

}  // namespace
}  // namespace ballast::cli
