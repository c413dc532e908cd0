// What every fuzz target uses: its input as text, and properties whose violation is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ballast::fuzz {

// A view of exactly the bytes given; not terminated by a zero, so that the sanitizers see a parser
// read past its argument.
[[nodiscard]] std::string_view text_of(const std::uint8_t* data, std::size_t size);

// Aborts the process, naming `property`, unless it holds.
void require(bool holds, std::string_view property);

// Aborts unless `error` is one that a parser may return, and fit to be shown as it is: bounded, and
// without anything that printable() would change.
void require_presentable(const Error& error);
void require_printable(std::string_view text, std::string_view property);

// `text` twice, the second one on lines of its own.
[[nodiscard]] std::string twice(std::string_view text);

// `value` as the kernel prints a counter: a negative one wraps.
[[nodiscard]] std::uint64_t as_printed(std::int64_t value);

}  // namespace ballast::fuzz

// The entry point that libFuzzer and replay.cc call; each target defines it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
