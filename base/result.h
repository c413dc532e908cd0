// Result and Error: how every fallible function of the project reports failure.
//
// Exceptions stay for programming errors and for Asio's cancellation; everything that can go wrong
// because of the world outside (network, server, guest, file, user) comes back as a Result.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace ballast {

// What kind of failure it was: decides exit code, retry and the reason recorded for a guest.
enum class ErrorCode {
  kInvalidArgument,  // what the caller (or the command line) asked for makes no sense
  kConfig,           // the configuration file is wrong
  kNotFound,         // the named thing does not exist
  kUnreachable,      // name resolution, connect or a broken connection
  kTls,              // handshake or certificate verification
  kUnavailable,      // the server answers but refuses for now (HTTP 503)
  kTimeout,          // the deadline passed
  kTooLarge,         // an answer exceeded its size limit
  kProtocol,         // an answer that is not what the protocol allows (bad XML, wrong HTTP status)
  kLogin,            // credentials refused by vCenter, or the session is gone
  kPermission,       // known user, missing privilege
  kFault,            // any other vim fault; Error::fault names it
  kParse,            // guest output or a file that cannot be understood
  kStorage,          // SQLite or the file system below it
  kBusy,             // another process is at it already
  kCancelled,        // the user or the service asked to stop
};

// One failure. `message` says what was being done, to which object, and what went wrong, in words
// a user understands; `hint` says what to try ("" if there is nothing to say). Neither ever holds
// a secret or an unescaped control character that came from outside.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string hint;
  std::string fault;  // vim fault class name, e.g. "InvalidGuestLogin"; "" if it is not a fault
  // The server asked to be left alone for so long (Retry-After); 0: it did not say.
  std::chrono::seconds retry_after{0};

  // "message. Try: hint." or just the message.
  [[nodiscard]] std::string sentence() const;
};

// Puts the larger task in front: `during(error, "vCenter lab")` -> "vCenter lab: <message>".
[[nodiscard]] Error during(Error error, std::string_view doing);

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

using Status = Result<void>;

// `return fail(ErrorCode::kParse, "meminfo: no MemTotal line");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string hint = {}, std::string fault = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint), std::move(fault)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace ballast
