#include "base/result.h"

#include <utility>

#include "base/thrown.h"

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
  return {ErrorCode::kInternal,
          std::move(doing) + ": something unexpected: " + exception_text(thrown),
          "report it with the log of a run with --verbose --verbose",
          {}};
}

}  // namespace ballast
