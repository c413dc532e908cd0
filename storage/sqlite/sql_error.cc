#include "storage/sqlite/sql_error.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/text.h"
#include "storage/sqlite/lock_holder.h"

namespace ballast::storage {
namespace {

struct ErrorWords {
  std::string what;
  std::string hint;
};

std::string check_and_restore() { return std::string(kCheckFirst).append(kRestore); }

std::string os_words(int os_error) { return std::generic_category().message(os_error); }

ErrorWords words_for_io(const SQLite::Exception& exception, int os_error) {
  if (os_error == ENOSPC || os_error == EDQUOT) {
    return {"no space is left on the disk", "free some space; earlier scans are intact"};
  }
  const std::string cause = os_error != 0
                                ? os_words(os_error)
                                : fmt::format("SQLite code {}", exception.getExtendedErrorCode());
  return {fmt::format("{} ({})", exception.getErrorStr(), cause),
          "check the disk, its free space and the file's permissions"};
}

ErrorWords words_for(const SQLite::Exception& exception, int os_error, const std::string& holder) {
  switch (exception.getErrorCode()) {
    case SQLITE_NOTADB:
      return {
          "the file is not an SQLite database",
          "check the path; if this was ballast's database it is damaged: " + check_and_restore()};
    case SQLITE_CORRUPT:
      return {fmt::format("the database is damaged ({})", exception.what()), check_and_restore()};
    case SQLITE_FULL:
      return {"no space is left on the disk", "free some space; earlier scans are intact"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {
          fmt::format("another process holds the database{}", holder.empty() ? "" : ": " + holder),
          "wait until the other scan, rejudge or prune has ended, or end the program that has the "
          "file open, then run this again"};
    case SQLITE_INTERRUPT:
      return {
          "SQLite found no row for a minute: the database is damaged, or busy beyond all measure",
          check_and_restore()};
    case SQLITE_TOOBIG:
      return {"the database is damaged (it has a value larger than ballast ever writes)",
              check_and_restore()};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {"the database cannot be written (it or its folder is read-only)",
              "check the permissions and the owner of the file and of its folder"};
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return words_for_io(exception, os_error);
    default:
      return {
          fmt::format("{} (SQLite code {})", exception.what(), exception.getExtendedErrorCode()),
          {}};
  }
}

Error storage_error(const std::string& path, std::string_view doing, std::string_view what,
                    std::string hint) {
  return Error{ErrorCode::kStorage,
               fmt::format("{} ({}): {}", doing, printable(path), printable(what)),
               std::move(hint),
               {}};
}

}  // namespace

Error sql_error(const SQLite::Exception& exception, int os_error, const std::string& path,
                std::string_view doing) {
  const bool busy = exception.getErrorCode() == SQLITE_BUSY;
  ErrorWords words = words_for(exception, os_error, busy ? lock_holder(path) : std::string());
  return storage_error(path, doing, words.what, std::move(words.hint));
}

Error damaged(const std::string& path, std::string_view doing, std::string_view what) {
  return storage_error(path, doing, fmt::format("the database is damaged ({})", what),
                       check_and_restore());
}

Error file_error(int os_error, const std::string& path, std::string_view doing) {
  std::string hint = "check the permissions and the owner of the file and of its folder";
  if (os_error == ENOENT) hint = "create the folder first, or name another file with --db";
  if (os_error == EISDIR) hint = "name a file in that folder with --db";
  if (os_error == EROFS) hint = "see the kernel's log for why, then mount it for writing again";
  return storage_error(path, doing, os_words(os_error), std::move(hint));
}

}  // namespace ballast::storage
