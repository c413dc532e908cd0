// The guest captures in tests/data/captures: trees of real guests with a balloon of known size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ballast::test {

// What `truth.json` says of one reading, and what is known of its scenario.
struct Capture {
  std::filesystem::path root;
  std::string boot;   // its scenario's folder, e.g. "eras/rhel7/k_kernobj": one boot of one guest
  std::string label;  // the capture's own folder, e.g. "512"
  std::string driver;
  std::int64_t ram_mib = 0;
  std::int64_t cpus = 0;
  std::int64_t balloon_kib = 0;

  [[nodiscard]] std::string name() const { return boot + "/" + label; }
  // "eras/rhel7" or, for the Debian guests, "6.1".
  [[nodiscard]] std::string kernel() const;
  // The boot's name without what stands for kernel and RAM in it: "k_kernobj".
  [[nodiscard]] std::string scenario() const;
  // The reading without a balloon, at rest, that others of the boot are compared with.
  [[nodiscard]] bool is_reference() const;
  // A process takes all memory there is while the reading is made: the guest is in direct reclaim.
  [[nodiscard]] bool under_load() const;
  // A thousand processes or tens of thousands of open files, of which the kernel does not count all.
  [[nodiscard]] bool has_many_objects() const;
  // What a driver holds by vmalloc, in MiB. Counted where the reading has vmallocinfo or a real
  // VmallocUsed, but for the page tables that map it: 1/512.
  [[nodiscard]] std::int64_t vmalloc_mib() const;
  // Whether the wider bound of the errors holds for it.
  [[nodiscard]] bool is_loaded() const {
    return under_load() || has_many_objects() || vmalloc_mib() > 0;
  }
  // What somebody other than the balloon holds and no counter that was captured has, in MiB.
  [[nodiscard]] std::int64_t hidden_mib() const;
  // A balloon of the kind that VMware does not have: it goes out of MemTotal instead.
  [[nodiscard]] bool lowers_mem_total() const;
  // Whether unaccounted memory is to be the baseline and the balloon, and nothing else.
  [[nodiscard]] bool is_plain() const { return hidden_mib() == 0 && !lowers_mem_total(); }
};

// One reading of a guest whose balloon moves.
struct SeriesPoint {
  std::filesystem::path meminfo;
  std::int64_t pcp_pages = 0;
  std::int64_t before_kib = 0;  // the balloon just before the reading …
  std::int64_t after_kib = 0;   // … and just after it
};

struct Series {
  std::string boot;
  std::vector<SeriesPoint> points;
};

// All of them, in the order of their names. Throws if there are none: tests without data would
// pass for nothing.
const std::vector<Capture>& captures();
const std::vector<Series>& series();

[[nodiscard]] std::string read_text(const std::filesystem::path& file);  // "" if it is not there

}  // namespace ballast::test
