// A VM that changes its host in the middle of a probe: it is busy for a moment, and its files come
// from another machine, with another certificate.
#include "tests/e2e/harness/guest_fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;

// At every operation of a probe, there and back.
json moving_fleet() {
  json guests = json::array();
  for (int operation = 0; operation < 5; ++operation) {
    guests.push_back(changing("moving-" + std::to_string(operation), operation,
                              {{"busy", 2}, {"host", "esx-02.lab.example"}}));
    guests.push_back(changing("back-" + std::to_string(operation), operation,
                              {{"busy", 1}, {"host", "esx-01.lab.example"}}));
  }
  json scenario = fleet(guests);
  scenario["transfer"] = {{"from_hosts", true}};
  return scenario;
}

class VmotionFault : public GuestFault {};

TEST_F(VmotionFault, AVmThatMovesMeanwhileIsReadAllTheSame) {
  const lab::Lab lab(moving_fleet());
  scan(lab, 0);
  for (const auto& one : report["guests"]) EXPECT_EQ(one["verdict"], "balloon") << one;
  expect_nothing_left(lab);
}

// With a vCenter trusted by its thumbprint a host is, too; after the move that is another one than
// where the VM was listed.
TEST_F(VmotionFault, ItsNewHostIsTrustedByThatHostsThumbprint) {
  const lab::Lab lab(moving_fleet());
  scan(lab, 0, {.trust = "thumbprint = \"" + lab.ready().thumbprint_sha256 + "\""});
  for (const auto& one : report["guests"]) EXPECT_EQ(one["verdict"], "balloon") << one;
  expect_nothing_left(lab);
}

}  // namespace
}  // namespace ballast::e2e
