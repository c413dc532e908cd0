// Private to storage/: who holds the write lock of a database.
#pragma once

#include <string>
#include <string_view>

namespace ballast::storage {

// Returns "process 123 (sqlite3)", or "" if it cannot be told, as of a process in another container.
[[nodiscard]] std::string lock_holder(const std::string& path);
// Returns the number of the process that holds a lock for writing on the file with these numbers of
// its device ("08:01") and inode, by the text of /proc/locks; 0 if there is none.
[[nodiscard]] long lock_holder_in(std::string_view locks, std::string_view device,
                                  unsigned long inode);

}  // namespace ballast::storage
