#include "model/parse/allocinfo.h"

#include <string>

#include <gtest/gtest.h>

namespace ballast::model {
namespace {

constexpr std::string_view kHead = "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n";

TEST(ParseAllocinfo, NamesTheLargestSitesThatNoCounterHas) {
  const auto sites =
      parse_allocinfo(std::string(kHead) +
                      "  8589934592  4096 mm/filemap.c:1009 func:folio_alloc_noprof\n"
                      "   536870912    99 fs/ext4/super.c:1388 func:ext4_alloc_inode\n"
                      "   104857600    25 ./include/asm-generic/pgalloc.h:63 func:x\n"
                      "   419430400   100 drivers/net/x/ring.c:12 [x] func:x_refill\n"
                      "  1073741824   512 fs/xfs/xfs_buf.c:404 [xfs] func:xfs_buf\n"
                      "     2097152     2 net/core/skbuff.c:9 func:skb_page\n"
                      "     3145728     3 fs/pipe.c:500 func:pipe_write\n"
                      "      524288     1 kernel/x.c:1 func:small\n");
  ASSERT_TRUE(sites) << sites.error().message;
  ASSERT_TRUE(sites->largest);
  EXPECT_EQ(sites->largest->consumer, Consumer::kCallSites);
  EXPECT_EQ(sites->largest->kib, (1024 + 400 + 3) * 1024) << "three at most, cache and slab none";
  EXPECT_EQ(sites->largest->detail,
            "fs/xfs/xfs_buf.c:404 xfs_buf 1.00 GiB, drivers/net/x/ring.c:12 x_refill 400 MiB, "
            "fs/pipe.c:500 pipe_write 3.00 MiB");
  EXPECT_FALSE(sites->balloon_kib);
}

// The large pages come from the driver, the small ones from what all balloons share.
TEST(ParseAllocinfo, TheBalloonsOwnSitesAreEvidenceAndNoSuspects) {
  const auto sites = parse_allocinfo(
      "1048576000 500 drivers/misc/vmw_balloon.c:691 [vmw_balloon] func:vmballoon_alloc\n"
      "8388608 2048 mm/balloon_compaction.c:122 func:balloon_page_alloc\n"
      "4096 1 drivers/misc/vmw_balloon.c:1800 [vmw_balloon] func:vmballoon_init\n");
  ASSERT_TRUE(sites);
  EXPECT_EQ(sites->balloon_kib, 1'024'000 + 8'192 + 4);
  EXPECT_FALSE(sites->largest);
}

TEST(ParseAllocinfo, NothingOfSizeIsNoTrace) {
  for (const auto text : {std::string_view(), kHead}) {
    const auto sites = parse_allocinfo(text);
    ASSERT_TRUE(sites);
    EXPECT_FALSE(sites->largest || sites->balloon_kib);
  }
}

TEST(ParseAllocinfo, RefusesTheRest) {
  for (const auto* text :
       {"1048576\n", "1048576 1\n", "1048576 1 fs/pipe.c func:x\n", "1048576 x fs/pipe.c:5\n",
        "1x 1 fs/pipe.c:5\n", "99999999999999999999 1 fs/pipe.c:5\n", "1048576 1 :5\n"}) {
    const auto sites = parse_allocinfo(text);
    ASSERT_FALSE(sites) << "accepted: " << text;
    EXPECT_EQ(sites.error().code, ErrorCode::kParse);
  }
}

}  // namespace
}  // namespace ballast::model
