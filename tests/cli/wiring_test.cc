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

}  // namespace
}  // namespace ballast::cli
