// Result and Error: how every fallible function of the project reports failure.
//
// Exceptions stay for programming errors and for Asio's cancellation; everything that can go wrong
// because of the world outside (network, server, guest, file, user) comes back as a Result.
#pragma once

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace ballast {

// The kind of a failure. It decides the exit code, whether to try again, and the reason that is
// recorded for a guest.
enum class ErrorCode {
  kInvalidArgument,  // the caller (or the command line) asked for something that makes no sense
  kConfig,           // the configuration file is wrong
  kNotFound,         // the named thing does not exist
  kUnreachable,      // name not resolved, no connection, or it broke
  kHostUnreachable,  // as kUnreachable, kTls or kTimeout, of the ESXi host that has a guest's file
  kTls,              // the TLS handshake failed, or the certificate is not trusted
  kUnavailable,      // the server answers but refuses for now (HTTP 503)
  kTimeout,          // the deadline passed
  kTooLarge,         // an answer exceeded its size limit
  kProtocol,         // an answer that is not what the protocol allows (bad XML, wrong HTTP status)
  kLogin,            // vCenter refused the credentials, or the session is gone
  kPermission,       // the user is known and lacks a privilege
  kFault,            // any other vim fault; Error::fault names it
  kParse,            // guest output or a file that cannot be understood
  kStorage,          // SQLite or the file system below it
  kBusy,             // another process is doing the same already
  kCancelled,        // the user or the service asked to stop
  kInternal,         // something that ballast did not expect of itself: see unexpected()
};

// One failure. `message` says what was being done, to which object, and what went wrong, in words
// a user understands. `hint` says what to try, "" if there is nothing to say. Neither ever holds a
// secret, nor a control character that came from outside.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string hint;
  std::string
      fault;  // vim fault class name ("InvalidGuestLogin") or SQLSTATE of the hub; "" if none
  // How long the server asked to be left alone (Retry-After); 0 if it did not say.
  std::chrono::seconds retry_after{0};

  // Returns "message. Try: hint", or only the message where there is no hint.
  [[nodiscard]] std::string sentence() const;
};

// Returns `error` with the larger task in front: during(error, "vCenter lab") says
// "vCenter lab: <message>".
[[nodiscard]] Error during(Error error, std::string_view doing);

// Holds a T or an Error. It is a class and not an alias, because an alias cannot be [[nodiscard]].
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

// What a function returns that can fail and has nothing else to say.
using Status = Result<void>;

// Makes what a function returns on failure:
//   return fail(ErrorCode::kParse, "meminfo: no MemTotal line");
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string hint = {}, std::string fault = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint), std::move(fault)});
}
// Returns an exception as an error: for the edge of a task, beyond which nobody would hear of it.
[[nodiscard]] Error unexpected(const std::exception_ptr& thrown, std::string doing);

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace ballast
