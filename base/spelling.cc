#include "base/spelling.h"

#include <algorithm>
#include <numeric>

namespace ballast {

namespace {

constexpr std::size_t kMaxCompared = 128;  // bytes; longer names are not worth the time

std::string folded(std::string_view text) {
  std::string lower(text.substr(0, kMaxCompared));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Levenshtein: insertions, deletions and replacements of bytes.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

NearNames::NearNames(std::string_view wanted, std::size_t limit)
    : wanted_(folded(wanted)), limit_(limit) {}

void NearNames::offer(std::string_view candidate) {
  const std::string name = folded(candidate);
  const bool contains = wanted_.size() >= 2 && name.find(wanted_) != std::string::npos;
  const std::size_t tolerated = std::max<std::size_t>(1, wanted_.size() / 3);
  const std::size_t distance = contains ? 1 : edit_distance(wanted_, name);
  if (!contains && distance > tolerated) return;
  const Match match{distance, std::string(candidate)};
  const auto place = std::lower_bound(matches_.begin(), matches_.end(), match);
  if (place != matches_.end() && *place == match) return;
  matches_.insert(place, match);
  if (matches_.size() > limit_) matches_.pop_back();
}

std::vector<std::string> NearNames::best() const {
  std::vector<std::string> names;
  for (const Match& match : matches_) names.push_back(match.name);
  return names;
}

}  // namespace ballast
