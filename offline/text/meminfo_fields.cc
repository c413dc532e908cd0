#include "offline/text/meminfo_fields.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::offline {

namespace {

// Those of 2.6.18 to 6.x by which a text is known as meminfo.
constexpr auto kMeminfoNames = std::to_array<std::string_view>(
    {"MemTotal",       "MemFree",        "MemAvailable",    "Buffers",
     "Cached",         "SwapCached",     "Active",          "Inactive",
     "Active(anon)",   "Inactive(anon)", "Active(file)",    "Inactive(file)",
     "Unevictable",    "Mlocked",        "HighTotal",       "HighFree",
     "LowTotal",       "LowFree",        "SwapTotal",       "SwapFree",
     "Zswap",          "Zswapped",       "Dirty",           "Writeback",
     "AnonPages",      "Mapped",         "Shmem",           "KReclaimable",
     "Slab",           "SReclaimable",   "SUnreclaim",      "KernelStack",
     "PageTables",     "SecPageTables",  "NFS_Unstable",    "Bounce",
     "WritebackTmp",   "CommitLimit",    "Committed_AS",    "VmallocTotal",
     "VmallocUsed",    "VmallocChunk",   "Percpu",          "HardwareCorrupted",
     "AnonHugePages",  "ShmemHugePages", "HugePages_Total", "HugePages_Free",
     "HugePages_Rsvd", "HugePages_Surp", "Hugepagesize",    "Hugetlb",
     "FileHugePages",  "FilePmdMapped",  "ShmemPmdMapped",  "CmaTotal",
     "CmaFree",        "Unaccepted",     "Balloon",         "GPUActive",
     "GPUReclaim",     "DirectMap1G",    "DirectMap4M",     "DirectMap4k",
     "DirectMap2M"});

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || model::is_digit(c) || c == '_' ||
         c == '(' || c == ')';
}

// Takes what a line of meminfo consists of off its front, one thing after the other.
class FieldReader {
 public:
  explicit FieldReader(std::string_view line) : rest_(trim(line)) {}
  std::optional<PastedField> next();
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  std::string_view take_digits();
  std::string_view take_name();
  std::optional<std::string> take_number();
  bool take_unit();

  std::string_view rest_;
};

// Returns "MemTotal" of "MemTotal:"; "" if there is no such name.
std::string_view FieldReader::take_name() {
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name_character);
  const auto name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  const bool capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
  if (!capital || name.size() < 3 || end == rest_.end() || *end != ':') return {};
  rest_.remove_prefix(name.size() + 1);
  return name;
}

std::string_view FieldReader::take_digits() {
  const auto size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  const auto digits = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return digits;
}

// Reads "2054412", "2.054.412", "2,054,412", "2'054'412", "2 054 412".
std::optional<std::string> FieldReader::take_number() {
  const auto first = take_digits();
  if (first.empty()) return std::nullopt;
  std::string number(first);
  const char separator = rest_.empty() ? '\0' : rest_.front();
  if (std::string_view(".,' ").find(separator) == std::string_view::npos) return number;
  while (rest_.size() > 1 && rest_.front() == separator && model::is_digit(rest_[1])) {
    // A number of four digits has none before the separator, and none begins with 0.
    const bool first_group = number.size() <= 3 && number.front() != '0';
    if (number.size() == first.size() && !first_group) return std::nullopt;
    rest_.remove_prefix(1);
    const auto group = take_digits();
    if (group.size() != 3) return std::nullopt;
    number += group;
  }
  return number;
}

// Tells whether `text` begins with the word `lower`, in capitals or not.
bool begins_with_word(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  const bool same = std::equal(lower.begin(), lower.end(), text.begin(), [](char wanted, char c) {
    return c == wanted || c == wanted - 'a' + 'A';
  });
  return same && (text.size() == lower.size() || !is_name_character(text[lower.size()]));
}

// Takes the unit off, if there is one, and returns whether there was one.
bool FieldReader::take_unit() {
  for (const std::string_view unit : {"kb", "kib"}) {
    if (!begins_with_word(rest_, unit)) continue;
    rest_.remove_prefix(unit.size());
    return true;
  }
  return false;
}

std::optional<PastedField> FieldReader::next() {
  PastedField field;
  field.name = take_name();
  skip_blanks();
  const auto number = take_number();
  if (field.name.empty() || !number) return std::nullopt;
  field.digits = *number;
  skip_blanks();
  field.has_unit = take_unit();
  if (rest_.starts_with(',') || rest_.starts_with(';')) rest_.remove_prefix(1);
  skip_blanks();
  return field;
}

}  // namespace

bool is_meminfo_name(std::string_view name) {
  return std::find(kMeminfoNames.begin(), kMeminfoNames.end(), name) != kMeminfoNames.end();
}

std::optional<std::vector<PastedField>> meminfo_fields(std::string_view line) {
  FieldReader reader(line);
  std::vector<PastedField> fields;
  while (!reader.done()) {
    auto field = reader.next();
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
  }
  if (fields.empty()) return std::nullopt;
  return fields;
}

bool begins_meminfo_field(std::string_view line) {
  line = trim(line);
  const auto colon = line.find(':');
  return colon != std::string_view::npos && is_meminfo_name(trim(line.substr(0, colon)));
}

}  // namespace ballast::offline
