// Where a guest's memory is, as a table with bars: every part of the account, then what is left.
#pragma once

#include "model/judged_guest.h"
#include "output/page.h"

namespace ballast::cli {

// Prints the parts with something in them, then what is unaccounted, split into baseline, balloon
// and difference as far as they are known. guest.guest is set.
void print_waterfall(const model::JudgedGuest& guest, output::Page& page);

}  // namespace ballast::cli
