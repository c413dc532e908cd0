// A file system of its own for one test, which can be full or read-only.
#pragma once

#include <string>

namespace ballast::e2e {

class SmallDisk {
 public:
  // Mounts a megabyte on `folder`, which exists, where only this process and its children see it.
  explicit SmallDisk(std::string folder);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // false: this machine does not allow it.
  [[nodiscard]] bool is_mounted() const { return mounted_; }
  void fill() const;
  void free() const;
  void set_read_only(bool read_only) const;

 private:
  std::string folder_;
  bool mounted_ = false;
};

}  // namespace ballast::e2e
