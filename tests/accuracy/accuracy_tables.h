// The tables of docs/ACCURACY.md, in Markdown.
#pragma once

#include <string>

namespace ballast::test {

[[nodiscard]] std::string kernel_table();     // a row a kernel
[[nodiscard]] std::string scenario_table();   // a row a boot without hidden memory
[[nodiscard]] std::string worst_table();      // a row for each of the largest errors
[[nodiscard]] std::string access_table();     // a row a kernel: root, without root, no zoneinfo
[[nodiscard]] std::string series_table();     // a row a series
[[nodiscard]] std::string negatives_table();  // a row a capture in which memory is hidden
[[nodiscard]] std::string counted_table();    // … and one where the kernel counts what is held
[[nodiscard]] std::string lowered_table();    // a row a capture whose balloon lowers MemTotal

}  // namespace ballast::test
