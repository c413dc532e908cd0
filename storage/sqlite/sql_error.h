// Private to storage/ and hub/: tells SQLite's failures in a user's words.
#pragma once

#include <string>
#include <string_view>

#include <SQLiteCpp/Exception.h>

#include "base/result.h"

namespace ballast::storage {

// What to try about a damaged database: kCheckFirst, then kRestore.
inline constexpr std::string_view kCheckFirst = "`ballast db check` says what is wrong; ";
inline constexpr std::string_view kRestore =
    "restore a backup (`ballast db backup` makes them), or move the file away: the next scan makes "
    "a new one";

// Returns the error "<doing> (<path>): <what went wrong>". `os_error` is the errno behind it, 0 if
// there is none.
[[nodiscard]] Error sql_error(const SQLite::Exception& exception, int os_error,
                              const std::string& path, std::string_view doing);

// Returns the error for a file that holds something this program never writes; `what` names it.
[[nodiscard]] Error damaged(const std::string& path, std::string_view doing, std::string_view what);

// Returns the error for a failed system call on the database file or its folder.
[[nodiscard]] Error file_error(int os_error, const std::string& path, std::string_view doing);

}  // namespace ballast::storage
