#include "model/parse/toolbox.h"

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

std::optional<std::int64_t> parse_toolbox_balloon(std::string_view text) {
  constexpr std::int64_t kMostMib = std::int64_t{1}
                                    << 30;  // a PiB; the error value of 32 bits is above
  auto rest = trim(text);
  const auto mib = parse_number(next_word(rest));
  const auto unit = trim(rest);
  if (!mib || *mib > kMostMib || (unit != "MB" && unit != "Mo")) return std::nullopt;
  return kib_from_mib(*mib);
}

std::optional<std::int64_t> parse_toolbox_resources(std::string_view text) {
  for (auto line : split_lines(text)) {
    if (next_word(line) != "guest.mem.ballooned") continue;
    return next_word(line) == "=" ? parse_number(trim(line)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ballast::model
