#include "model/vmstat.h"

#include <fmt/format.h>

#include "base/text.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxFields = 2048;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kShown = 80;

}  // namespace

Result<Vmstat> parse_vmstat(std::string_view text) {
  Vmstat fields;
  for (const auto line : split_lines(text)) {
    if (trim(line).empty()) continue;
    auto rest = line;
    const auto name = next_word(rest);
    const auto value = parse_counter(next_word(rest));
    if (name.size() > kMaxName || !value || !trim(rest).empty()) {
      return fail(ErrorCode::kParse,
                  fmt::format("vmstat: cannot understand the line '{}'", printable(line, kShown)));
    }
    if (!fields.emplace(name, *value).second) {
      return fail(ErrorCode::kParse,
                  fmt::format("vmstat: '{}' occurs twice", printable(name, kShown)));
    }
    if (fields.size() > kMaxFields) {
      return fail(ErrorCode::kParse, "vmstat: more counters than any kernel prints");
    }
  }
  return fields;
}

}  // namespace ballast::model
