// The guest captures in tests/data/captures: trees of real guests with a balloon of known size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ballast::test {

struct Capture {
  std::filesystem::path root;
  std::string boot;   // its scenario's folder, e.g. "eras/rhel7/k_kernobj": one boot of one guest
  std::string label;  // the capture's own folder, e.g. "512"
  std::string driver;
  std::int64_t balloon_kib = 0;

  [[nodiscard]] std::string name() const { return boot + "/" + label; }
  // "eras/rhel7" or, for the Debian guests, "6.1".
  [[nodiscard]] std::string kernel() const;
  // Whether `scenario` ends the boot's name or is followed by "_<RAM>" in it.
  [[nodiscard]] bool is(const std::string& scenario) const;
  // The reading without a balloon, before any load, that others of the boot are compared with.
  [[nodiscard]] bool is_reference() const;
};

// All of them, in the order of their names. Throws if there are none: tests without data would
// pass for nothing.
const std::vector<Capture>& captures();

[[nodiscard]] std::string read_text(const std::filesystem::path& file);  // "" if it is not there

}  // namespace ballast::test
