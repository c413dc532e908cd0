// Shared by the tests of the account.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "model/account/account.h"
#include "tests/model/synthetic.h"

namespace ballast::test {

inline model::MemoryAccount account_of(const model::GuestReading& reading) {
  return model::account_memory(reading).value();
}

// 0 if there is no such part.
inline std::int64_t part(const model::MemoryAccount& account, std::string_view name) {
  const auto found = std::find_if(account.parts.begin(), account.parts.end(),
                                  [name](const auto& p) { return p.name == name; });
  return found == account.parts.end() ? 0 : found->kib;
}

}  // namespace ballast::test
