#include "model/cpu_list.h"

#include <cstdint>

#include "base/text.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kMaxCpus = 1 << 16;

}  // namespace

Result<int> count_cpus(std::string_view list) {
  std::int64_t count = 0;
  std::int64_t next = 0;  // the lowest id that may follow
  auto rest = trim(list);
  do {
    const auto comma = rest.find(',');
    const auto range = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    const auto dash = range.find('-');
    const auto first = parse_number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(range.substr(dash + 1));
    if (!first || !last || *first < next || *last < *first || *last >= kMaxCpus) {
      return fail(ErrorCode::kParse, "list of CPUs: not what a kernel prints");
    }
    count += *last - *first + 1;
    next = *last + 1;
    if (comma != std::string_view::npos && rest.empty()) {
      return fail(ErrorCode::kParse, "list of CPUs: it ends in a comma");
    }
  } while (!rest.empty());
  return static_cast<int>(count);
}

}  // namespace ballast::model
