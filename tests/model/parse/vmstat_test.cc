#include <string>

#include <gtest/gtest.h>

#include "model/parse/proc_files.h"

namespace ballast::model {
namespace {

TEST(ParseVmstat, TakesWhatKernelsPrint) {
  const auto vmstat = parse_vmstat(
      "nr_free_pages 361256\nnr_isolated_anon 18446744073709551615\n\nballoon_inflate 131072");
  ASSERT_TRUE(vmstat) << vmstat.error().message;
  const Vmstat expected = {
      {"nr_free_pages", 361256}, {"nr_isolated_anon", -1}, {"balloon_inflate", 131072}};
  EXPECT_EQ(*vmstat, expected);
}

TEST(ParseVmstat, EmptyIsAnEmptyTable) {
  const auto vmstat = parse_vmstat("");
  ASSERT_TRUE(vmstat);
  EXPECT_TRUE(vmstat->empty());
}

TEST(ParseVmstat, RefusesTheRest) {
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "counter" + std::to_string(i) + " 1\n";
  const std::string rows[] = {"name\n",
                              "name x\n",
                              "name 1 2\n",
                              "name -1\n",
                              "name 9007199254740993\n",
                              "name 99999999999999999999\n",
                              "pswpin 1\npswpin 1\n",
                              std::string(65, 'x') + " 1\n",
                              many};
  for (const auto& text : rows) {
    const auto vmstat = parse_vmstat(text);
    ASSERT_FALSE(vmstat) << "accepted: " << text.substr(0, 60);
    EXPECT_EQ(vmstat.error().code, ErrorCode::kParse);
  }
}

}  // namespace
}  // namespace ballast::model
