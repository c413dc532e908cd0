// docs/ACCURACY.md, made from the captures. Nothing in it is typed: no date, no machine, the same
// text at every run.
#pragma once

#include <string>

namespace ballast::test {

[[nodiscard]] std::string accuracy_document();

}  // namespace ballast::test
