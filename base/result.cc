#include "base/result.h"

#include <utility>

namespace ballast {

std::string Error::sentence() const {
  if (hint.empty()) return message;
  return message + ". Try: " + hint;
}

Error during(Error error, std::string_view doing) {
  error.message = std::string(doing) + ": " + error.message;
  return error;
}

Error unexpected(const std::exception_ptr& thrown, std::string doing) {
  std::string what;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    what = "an exception without words";
  }
  return {ErrorCode::kInternal,
          std::move(doing) + ": something unexpected: " + what,
          "report it with the log of a run with --verbose --verbose",
          {}};
}

}  // namespace ballast
