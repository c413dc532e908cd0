// What a loss of power must not take away.
#pragma once

#include <string>

namespace ballast {

// Brings the folder of the file at `path` to the disk, and with it that the file is there, under
// this name: without it a new or renamed file may be gone after a loss of power, however well its
// bytes were synced. Not every file system can do that, so there is no error.
void sync_folder_of(const std::string& path);

}  // namespace ballast
