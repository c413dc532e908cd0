#include "base/result.h"

namespace ballast {

std::string Error::sentence() const {
  if (hint.empty()) return message;
  return message + ". Try: " + hint;
}

Error during(Error error, std::string_view doing) {
  error.message = std::string(doing) + ": " + error.message;
  return error;
}

}  // namespace ballast
