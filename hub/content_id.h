// Ids that are made of what they stand for, so that every collector gives the same thing the same
// id, and a row that is sent twice is the same row. They never change: those of earlier versions
// are in hubs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ballast::hub {

// Add what the thing is known by, then ask for the value().
class ContentId {
 public:
  // `kind` is the thing's table: things of two kinds have different ids.
  explicit ContentId(std::string_view kind) { add(kind); }

  void add(std::string_view text);
  void add(std::int64_t number);
  void add_null();
  // Returns the first 63 bits of the SHA-256 of all that was added; never 0.
  [[nodiscard]] std::int64_t value() const;

 private:
  void add_number(std::uint64_t number);
  std::string content_;
};

// Return the ids of what is known by a name.
[[nodiscard]] std::int64_t vcenter_id(std::string_view instance_uuid, std::string_view url);
[[nodiscard]] std::int64_t host_id(std::int64_t vcenter, std::string_view moref);
[[nodiscard]] std::int64_t pool_id(std::int64_t vcenter, std::string_view moref);
// Of a VM that is new to the hub: one that was known by its moref keeps its id when its instance
// UUID is told.
[[nodiscard]] std::int64_t vm_id(std::int64_t vcenter, std::string_view instance_uuid,
                                 std::string_view moref);

}  // namespace ballast::hub
