// SUSE's supportconfig: a folder of text files, each a row of sections that hold what a command
// printed or a file held.
#pragma once

#include "offline/files.h"

namespace ballast::offline {

// Puts what the sections of a supportconfig hold to where it would be in a guest's tree
// ("proc/meminfo"), and drops the files themselves (memory.txt, basic-environment.txt, …). Does
// nothing where there is a proc/meminfo, or no memory.txt.
void expand_supportconfig(GuestFiles& guest);

}  // namespace ballast::offline
