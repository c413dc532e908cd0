// A password in memory. It cannot be printed by accident, and its bytes are overwritten when it is
// destroyed, replaced or moved from.
#pragma once

#include <string>
#include <utility>

namespace ballast {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;  // many guests share one login
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // Returns the password itself. Only for the code that writes it to the wire.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

// Overwrites all that `text` holds with zeros, in a way that the compiler does not optimise away,
// and leaves it empty.
void wipe(std::string& text);

}  // namespace ballast
