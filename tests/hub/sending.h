// What the tests of sending share: stores with a fleet in them, and a comparison of all their rows
// with those of the hub.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hub/upload.h"
#include "storage/store.h"
#include "tests/bench/store_vms.h"
#include "tests/fixtures/store_fixtures.h"
#include "tests/hub/cluster.h"

namespace ballast::hub {

// A scan of a made-up fleet.
struct FleetScan {
  int number = 1;
  UtcTime started_at{};
  int vms = 40;
  int first_vm = 0;
  model::ScanStatus status = model::ScanStatus::kComplete;
  model::VcenterAbout about = bench::Fleet::about();
  std::string url = "https://vcenter.example.org/sdk";
  // Changes a result before it is written.
  std::function<void(model::JudgedGuest&)> change = {};
};

// The beginning of an hour that ended at least `hours` ago.
[[nodiscard]] UtcTime hours_ago(int hours);
// Writes it as a collector does; returns its number.
std::int64_t write_fleet(storage::Store& store, const FleetScan& scan);
// What any row of a table says, in words that are the same in every file and in the hub: names in
// place of ids. Sorted.
[[nodiscard]] std::vector<std::string> rows_in_file(const std::string& path,
                                                    const std::string& table);
[[nodiscard]] std::vector<std::string> rows_in_hub(Connection& hub, const std::string& table);
[[nodiscard]] std::vector<std::string> compared_tables();

// A hub, a user that may write to it, and a file.
class SendingTest : public HubTest {
 protected:
  void SetUp() override { store_ = sure(storage::Store::open(path_)); }
  [[nodiscard]] Sender sender(const std::string& collector = "one");
  [[nodiscard]] Sender sender_of(const std::string& path, const std::string& collector);
  void expect_same_rows(const std::string& path);
  [[nodiscard]] std::int64_t count(const std::string& table);

  storage::TempDir folder_;
  std::string path_ = folder_.path();
  std::unique_ptr<storage::Store> store_;
  Connection writer_ = connect(cluster_, "writer");
};

}  // namespace ballast::hub
