#include "tests/e2e/harness/small_disk.h"

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include <gtest/gtest.h>
#include <sched.h>

namespace ballast::e2e {

namespace {

constexpr const char* kSize = "size=1m";

}  // namespace

SmallDisk::SmallDisk(std::string folder) : folder_(std::move(folder)) {
  mounted_ = unshare(CLONE_NEWNS) == 0 &&
             mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             mount("none", folder_.c_str(), "tmpfs", 0, kSize) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
  std::ofstream filler(folder_ + "/filler", std::ios::binary);
  const std::string page(4096, 'x');
  while (filler.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
  }
}

void SmallDisk::free() const { std::filesystem::remove(folder_ + "/filler"); }

void SmallDisk::set_read_only(bool read_only) const {
  unsigned long flags = MS_REMOUNT;
  if (read_only) flags |= MS_RDONLY;
  EXPECT_EQ(mount("none", folder_.c_str(), "tmpfs", flags, kSize), 0) << "remounting " << folder_;
}

}  // namespace ballast::e2e
