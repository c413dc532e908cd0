// Runs the program as a case says, in this process, and compares.
#pragma once

#include "tests/cases/case_file.h"

namespace ballast::cases {

// Failures are those of GoogleTest. It works in a folder of its own, which it removes: standing
// there are the folders of tests/data, the case's files, and its store as ballast.db.
void run_case(const Case& one);

}  // namespace ballast::cases
