// Private to storage/: the words that stand for enumerators in the file. They never change.
#pragma once

#include <optional>
#include <string_view>

#include "model/guest_reading.h"
#include "model/inventory.h"
#include "model/judged_guest.h"

namespace ballast::storage {

[[nodiscard]] std::string_view word_for(model::PowerState state);
[[nodiscard]] std::string_view word_for(model::ConnectionState state);
[[nodiscard]] std::string_view word_for(model::ToolsState state);
[[nodiscard]] std::string_view word_for(model::ScanStatus status);

// Return nullopt for a word that ballast never writes.
[[nodiscard]] std::optional<model::PowerState> power_from_word(std::string_view word);
[[nodiscard]] std::optional<model::ConnectionState> connection_from_word(std::string_view word);
[[nodiscard]] std::optional<model::ToolsState> tools_from_word(std::string_view word);
[[nodiscard]] std::optional<model::ScanStatus> status_from_word(std::string_view word);
// The word of a consumer is its key (model/suspects.h).
[[nodiscard]] std::optional<model::Consumer> consumer_from_word(std::string_view word);

}  // namespace ballast::storage
