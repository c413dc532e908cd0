// A password in memory: cannot be printed or copied by accident, and is overwritten when it goes.
#pragma once

#include <string>
#include <utility>

namespace ballast {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;  // credentials are shared by many guests
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // The value itself: only for the place that writes it to the wire.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

// Overwrites `text` with zeros in a way the compiler keeps, then empties it.
void wipe(std::string& text);

}  // namespace ballast
