// One scan of a vCenter at a time, whichever process it runs in.
#include <signal.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using ::testing::HasSubstr;

constexpr const char* kUrl = "https://prod.example.org/sdk";

void expect_busy(const Result<ScanId>& begun, pid_t owner) {
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kBusy);
  EXPECT_THAT(begun.error().message, HasSubstr("vCenter prod is under way already"));
  EXPECT_THAT(begun.error().message, HasSubstr("process " + std::to_string(owner) + " ("));
  EXPECT_THAT(begun.error().message, HasSubstr("since 2026-09-21T14:13:20Z"));
  EXPECT_NE(begun.error().hint, "");
}

TEST(OneScan, ASecondOneOfTheSameNameOrUrlIsRefused) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  const ScanId first = must(store->begin_scan({"prod", kUrl, kStart}));
  expect_busy(store->begin_scan({"prod", kUrl, kStart}), ::getpid());
  expect_busy(store->begin_scan({"prod", "https://10.0.0.1/sdk", kStart}), ::getpid());
  const auto other_name = store->begin_scan({"production", kUrl, kStart});
  ASSERT_FALSE(other_name);
  EXPECT_THAT(other_name.error().message, HasSubstr("vCenter production"));
  EXPECT_THAT(other_name.error().message, HasSubstr("(as prod)"));
  must(store->begin_scan({"lab", "https://lab.example.org/sdk", kStart}));

  must(store->finish_scan(first, {ScanStatus::kComplete, kStart, ""}));
  must(store->begin_scan({"prod", kUrl, kStart}));
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM scan"), 3) << "refused ones leave no row";
}

TEST(OneScan, ItMayRunInAnotherProcessUntilThatIsGone) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = start_child([&] {
    auto own = must(Store::open(dir.path()));
    const ScanId scan = must(own->begin_scan({"prod", kUrl, kStart}));
    must(own->write_vcenter(scan, make_about()));
    must(own->write_results(scan, make_fleet(3)));
    (void)!::write(ends[1], "x", 1);
    ::pause();
    return 0;
  });
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1);
  expect_busy(store->begin_scan({"prod", kUrl, kStart}), child);
  const ScanId elsewhere = must(store->begin_scan({"lab", "https://lab.example.org/sdk", kStart}));
  must(store->finish_scan(elsewhere, {ScanStatus::kComplete, kStart, ""}));

  ::kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  // The store was open all the time, as a service's is.
  must(store->begin_scan({"prod", kUrl, kStart}));
  EXPECT_EQ(ask_sql(dir.path(),
                    "SELECT count(*) FROM scan WHERE status = 'failed' AND error LIKE "
                    "'interrupted%'"),
            1);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM sample"), 0);
}

TEST(OneScan, OfManyProcessesThatComeAtOnceOneBegins) {
  const TempDir dir;
  must(Store::open(dir.path()));
  int go[2] = {-1, -1};
  int done[2] = {-1, -1};
  int leave[2] = {-1, -1};
  ASSERT_EQ(::pipe(go), 0);
  ASSERT_EQ(::pipe(leave), 0);
  ASSERT_EQ(::pipe(done), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(start_child([&] {
      ::close(leave[1]);
      auto store = must(Store::open(dir.path()));
      char byte = 0;
      (void)!::read(go[0], &byte, 1);
      const auto begun = store->begin_scan({"prod", kUrl, kStart});
      (void)!::write(done[1], "x", 1);
      // Alive until all have tried, so that nobody finds a dead process's scan.
      (void)!::read(leave[0], &byte, 1);
      if (begun) return 0;
      return begun.error().code == ErrorCode::kBusy ? 1 : 2;
    }));
  }
  const auto await_all = [&] {
    char byte = 0;
    for (std::size_t i = 0; i < children.size(); ++i) (void)!::read(done[0], &byte, 1);
  };
  (void)!::write(go[1], "xxxxxx", 6);
  await_all();
  ::close(leave[1]);
  std::vector<int> codes;
  for (const pid_t child : children) codes.push_back(wait_for(child));
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 0), 1) << "two began, or nobody";
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 1), 5);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM scan"), 1);
}

}  // namespace
}  // namespace ballast::storage
