#include "model/crash/task_flags.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/kernel_release.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

// A kernel's version as one growing number: 2.6.18 is 18, 4.12 is 4012. 0 is unknown.
constexpr int kMajor = 1000;
constexpr int kEl5 = 18;
constexpr int kEver = 100 * kMajor;

struct Flag {
  std::uint64_t bit;
  std::string_view name;
  int first;  // 0: the same in every kernel from 2.6.18 on, so also in an unknown one
  int last;
};

// Only what is certain: where a bit changed its meaning between two kernels, the versions around
// the change are left out.
constexpr std::array kFlags = {
    Flag{0x4, "PF_EXITING", 0, kEver},
    Flag{0x20, "PF_WQ_WORKER", 3000, kEver},
    Flag{0x40, "PF_FORKNOEXEC", 0, kEver},
    Flag{0x100, "PF_SUPERPRIV", 0, kEver},
    Flag{0x200, "PF_DUMPCORE", 0, kEver},
    Flag{0x400, "PF_SIGNALED", 0, kEver},
    Flag{0x800, "PF_MEMALLOC", 0, kEver},
    Flag{0x1000, "PF_FLUSHER", kEl5, 32},
    Flag{0x2000, "PF_USED_MATH", kEl5, 5019},
    Flag{0x8000, "PF_NOFREEZE", 0, kEver},
    Flag{0x10000, "PF_FROZEN", kEl5, 5014},
    Flag{0x20000, "PF_FSTRANS", kEl5, 4011},
    Flag{0x20000, "PF_KSWAPD", 4012, kEver},
    Flag{0x40000, "PF_KSWAPD", kEl5, 4011},
    Flag{0x40000, "PF_MEMALLOC_NOFS", 4012, kEver},
    Flag{0x80000, "PF_SWAPOFF", kEl5, kEl5},
    Flag{0x80000, "PF_MEMALLOC_NOIO", 3009, kEver},
    Flag{0x100000, "PF_LESS_THROTTLE", kEl5, 5006},
    Flag{0x100000, "PF_LOCAL_THROTTLE", 5008, kEver},
    Flag{0x200000, "PF_BORROWED_MM", kEl5, kEl5},
    Flag{0x200000, "PF_KTHREAD", 32, kEver},
    Flag{0x400000, "PF_RANDOMIZE", 0, kEver},
    Flag{0x800000, "PF_SWAPWRITE", kEl5, 5014},
    Flag{0x1000000, "PF_SPREAD_PAGE", kEl5, 3009},
    Flag{0x2000000, "PF_SPREAD_SLAB", kEl5, 3009},
    Flag{0x4000000, "PF_NO_SETAFFINITY", 3010, kEver},
    Flag{0x8000000, "PF_MCE_EARLY", 32, kEver},
    Flag{0x10000000, "PF_MEMPOLICY", kEl5, 3009},
    Flag{0x10000000, "PF_MEMALLOC_PIN", 5014, kEver},
};

// KernelRelease has no third number, which 2.6 needs.
int version_of(std::string_view release) {
  release = trim(release);
  const auto parsed = parse_kernel_release(release);
  if (parsed.major >= 3) return parsed.major * kMajor + parsed.minor;
  constexpr std::string_view kOld = "2.6.";
  if (!release.starts_with(kOld)) return 0;
  release.remove_prefix(kOld.size());
  const auto patch = parse_number(release.substr(0, release.find_first_not_of("0123456789")));
  return patch && *patch < kMajor ? static_cast<int>(*patch) : 0;
}

std::string name_of(std::uint64_t bit, int version) {
  const auto* const flag =
      std::find_if(kFlags.begin(), kFlags.end(), [bit, version](const Flag& candidate) {
        return candidate.bit == bit && candidate.first <= version && version <= candidate.last;
      });
  return flag == kFlags.end() ? fmt::format("{:#x}", bit) : std::string(flag->name);
}

}  // namespace

std::vector<std::string> task_flag_names(std::uint64_t flags, std::string_view kernel_release) {
  const int version = version_of(kernel_release);
  std::vector<std::string> names;
  for (std::uint64_t bit = 1; bit != 0; bit <<= 1U) {
    if ((flags & bit) != 0) names.push_back(name_of(bit, version));
  }
  return names;
}

}  // namespace ballast::model
