#include "storage/sqlite/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/account/suspects.h"

namespace ballast::storage {
namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<model::PowerState, 4> kPower = {{{model::PowerState::kUnknown, "unknown"},
                                                 {model::PowerState::kPoweredOn, "on"},
                                                 {model::PowerState::kPoweredOff, "off"},
                                                 {model::PowerState::kSuspended, "suspended"}}};

constexpr Words<model::ConnectionState, 6> kConnection = {
    {{model::ConnectionState::kUnknown, "unknown"},
     {model::ConnectionState::kConnected, "connected"},
     {model::ConnectionState::kDisconnected, "disconnected"},
     {model::ConnectionState::kOrphaned, "orphaned"},
     {model::ConnectionState::kInaccessible, "inaccessible"},
     {model::ConnectionState::kInvalid, "invalid"}}};

constexpr Words<model::ToolsState, 4> kTools = {
    {{model::ToolsState::kUnknown, "unknown"},
     {model::ToolsState::kNotRunning, "not_running"},
     {model::ToolsState::kRunning, "running"},
     {model::ToolsState::kExecutingScripts, "executing_scripts"}}};

constexpr Words<model::ScanStatus, 4> kStatus = {{{model::ScanStatus::kRunning, "running"},
                                                  {model::ScanStatus::kComplete, "complete"},
                                                  {model::ScanStatus::kPartial, "partial"},
                                                  {model::ScanStatus::kFailed, "failed"}}};

template <class Enum, std::size_t N>
std::string_view word_in(const Words<Enum, N>& words, Enum value) {
  const auto* found = std::find_if(words.begin(), words.end(),
                                   [&](const auto& word) { return word.first == value; });
  return found == words.end() ? words.front().second : found->second;
}

template <class Enum, std::size_t N>
std::optional<Enum> value_in(const Words<Enum, N>& words, std::string_view text) {
  const auto* found = std::find_if(words.begin(), words.end(),
                                   [&](const auto& word) { return word.second == text; });
  if (found == words.end()) return std::nullopt;
  return found->first;
}

}  // namespace

std::string_view word_for(model::PowerState state) { return word_in(kPower, state); }
std::string_view word_for(model::ConnectionState state) { return word_in(kConnection, state); }
std::string_view word_for(model::ToolsState state) { return word_in(kTools, state); }
std::string_view word_for(model::ScanStatus status) { return word_in(kStatus, status); }

std::optional<model::PowerState> power_from_word(std::string_view word) {
  return value_in(kPower, word);
}
std::optional<model::ConnectionState> connection_from_word(std::string_view word) {
  return value_in(kConnection, word);
}
std::optional<model::ToolsState> tools_from_word(std::string_view word) {
  return value_in(kTools, word);
}
std::optional<model::Consumer> consumer_from_word(std::string_view word) {
  for (std::int64_t number = 1;; ++number) {
    const auto consumer = model::consumer_from_number(number);
    if (!consumer || model::words_of(*consumer).key == word) return consumer;
  }
}

std::optional<model::ScanStatus> status_from_word(std::string_view word) {
  return value_in(kStatus, word);
}

}  // namespace ballast::storage
