#include <fmt/format.h>

#include "model/parse/numbers.h"
#include "model/parse/proc_files.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

std::string print(const model::Vmstat& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += fmt::format("{} {}\n", name, as_printed(value));
  }
  return text;
}

void check_field(std::string_view name, std::int64_t value) {
  require(!name.empty() && name.size() <= 64, "a counter's name has a sensible length");
  require(name.find_first_of(" \t\n") == std::string_view::npos, "a counter's name is one word");
  require(value <= model::kMaxNumber && value >= -model::kMaxNumber, "a value is in range");
}

void check(std::string_view text) {
  const auto fields = model::parse_vmstat(text);
  if (!fields) return require_presentable(fields.error());
  for (const auto& [name, value] : *fields) check_field(name, value);
  const auto again = model::parse_vmstat(print(*fields));
  require(again && *again == *fields, "what is printed is read back the same");
  require(fields->empty() || !model::parse_vmstat(twice(text)),
          "two files run together are refused");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ballast::fuzz::check(ballast::fuzz::text_of(data, size));
  return 0;
}
