// Memory sizes. Inside the project every size is a signed 64-bit count of KiB, and its name ends in
// _kib. Other units exist only where a value enters (vCenter: MB = MiB; kernel: pages) or leaves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ballast {

inline constexpr std::int64_t kKibPerMib = 1024;
inline constexpr std::int64_t kKibPerGib = 1024 * 1024;
// x86_64's base page, the only page size that Linux guests of VMware use.
inline constexpr std::int64_t kPageKib = 4;

[[nodiscard]] constexpr std::int64_t kib_from_mib(std::int64_t mib) { return mib * kKibPerMib; }
[[nodiscard]] constexpr std::int64_t kib_from_pages(std::int64_t pages) { return pages * kPageKib; }
[[nodiscard]] constexpr std::int64_t kib_from_bytes(std::int64_t bytes) { return bytes / 1024; }

// Writes a size for people: "512 KiB", "64.0 MiB", "1.25 GiB", "-3.5 MiB", "1.50 TiB". From MiB on
// it has three significant digits.
[[nodiscard]] std::string format_size(std::int64_t kib);

// Reads a size that a person wrote and returns KiB: "4GiB", "1.5 GiB", "512 MiB", "300M",
// "2048 kB", "0". K, M, G and T are powers of 1024, with or without iB or B. Errors:
// kInvalidArgument for anything else, for a number above 0 without a unit, which may be MiB
// (vCenter), KiB (the guest) or pages (the driver), negative sizes and sizes above 2^53 KiB.
[[nodiscard]] Result<std::int64_t> parse_size(std::string_view text);

}  // namespace ballast
