#include "model/vmallocinfo.h"

#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

constexpr std::string_view kPages = "pages=";

}  // namespace

Result<std::int64_t> parse_vmallocinfo(std::string_view text) {
  std::int64_t sum = 0;
  for (const auto line : split_lines(text)) {
    bool is_vmalloc = false;
    std::optional<std::string_view> pages;
    auto rest = line;
    for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
      if (word == "vmalloc") is_vmalloc = true;
      if (word.starts_with(kPages)) pages = word.substr(kPages.size());
    }
    if (!is_vmalloc || !pages) continue;
    const auto count = parse_number(*pages);
    if (!count || *count > kMaxNumber - sum) {
      return fail(ErrorCode::kParse, fmt::format("vmallocinfo: cannot understand the line '{}'",
                                                 printable(line, 120)));
    }
    sum += *count;
  }
  return kib_from_pages(sum);
}

}  // namespace ballast::model
