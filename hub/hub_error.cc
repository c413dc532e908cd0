#include "hub/hub_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "hub/connection.h"

namespace ballast::hub {
namespace {

struct Meaning {
  std::string_view sqlstate;  // or the beginning of some
  ErrorCode code;
  std::string_view hint;
};

constexpr std::string_view kWaits = "what is to be sent waits here, and goes when the hub is back";
constexpr std::string_view kInit =
    "`ballast hub init`, run by the owner of the hub's database, makes the schema or brings it up "
    "to date";

// The first that fits counts. PostgreSQL 15, appendix A.
constexpr auto kMeanings = std::to_array<Meaning>({
    {"57P0", ErrorCode::kUnreachable, kWaits},  // shut down, crashed, starting
    {"08P01", ErrorCode::kStorage, {}},         // against the protocol
    {"08", ErrorCode::kUnreachable, kWaits},
    {"57014", ErrorCode::kTimeout, "see what the server is busy with (pg_stat_activity)"},
    {"55P03", ErrorCode::kTimeout, "see who holds the lock (pg_locks)"},
    {"25P0", ErrorCode::kTimeout, "see what the server is busy with (pg_stat_activity)"},
    {"53100", ErrorCode::kUnavailable, "make room on the hub's disk"},
    {"53300", ErrorCode::kUnavailable,
     "raise max_connections on the hub, or put a pooler before it"},
    {"53", ErrorCode::kUnavailable, "see the hub's own log"},
    {"25006", ErrorCode::kUnavailable,
     "the hub is a standby or was made read-only: name the primary in [hub] url "
     "(target_session_attrs=read-write chooses among several)"},
    {"40", ErrorCode::kUnavailable, "it is tried again"},
    {"23505", ErrorCode::kUnavailable,
     "another collector sent the same just now; it is tried again"},
    {"28", ErrorCode::kLogin, "check the user and password in [hub], and the hub's pg_hba.conf"},
    {"42501", ErrorCode::kPermission, "`ballast hub init` prints the grants that each role needs"},
    {"3D000", ErrorCode::kNotFound, "createdb makes the database; then run `ballast hub init`"},
    {"3F000", ErrorCode::kNotFound, kInit},
    {"42P01", ErrorCode::kNotFound, kInit},
    {"42883", ErrorCode::kNotFound, kInit},
    {"42703", ErrorCode::kNotFound, kInit},
});

// What libpq says of a connection in plain text, without a SQLSTATE.
constexpr auto kWords = std::to_array<Meaning>({
    {"timeout expired", ErrorCode::kTimeout, "check the network to the hub, and its load"},
    {"too many c", ErrorCode::kUnavailable,
     "raise max_connections on the hub, or put a pooler before it"},
    {"password", ErrorCode::kLogin, "check the user and password in [hub]"},
    {"authentication", ErrorCode::kLogin, "check the user and password in [hub]"},
    {"pg_hba.conf", ErrorCode::kLogin, "the hub's pg_hba.conf has no line for this user and host"},
    {"role \"", ErrorCode::kLogin, "check the user in [hub] url"},
    {"database \"", ErrorCode::kNotFound,
     "createdb makes the database; then run `ballast hub init`"},
    {"remaining connection slots", ErrorCode::kUnavailable,
     "raise max_connections on the hub, or put a pooler before it"},
    {"read-only", ErrorCode::kUnavailable, "name the primary in [hub] url"},
    {"certificate", ErrorCode::kTls, "name the authority of its certificate in [hub] ca_file"},
    {"SSL", ErrorCode::kTls, "see whether the hub offers TLS (ssl = on), and for which name"},
});

constexpr Meaning kUnknown = {{}, ErrorCode::kStorage, {}};
constexpr Meaning kUnreachableMeaning = {{}, ErrorCode::kUnreachable, kWaits};

// One line of what came from outside.
std::string one_line(std::string_view words) {
  std::string line(trim(words));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return printable(line, 400);
}

}  // namespace

Error hub_error(ErrorCode code, std::string_view doing, std::string_view name,
                std::string_view words, std::string_view hint) {
  Error error;
  error.code = code;
  error.message = fmt::format("{} (hub {}): {}", doing, printable(name), words);
  error.hint = hint;
  return error;
}

Error server_error(std::string_view doing, std::string_view name, std::string_view sqlstate,
                   std::string_view words, std::string_view detail) {
  const auto* found = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Meaning& meaning) {
    return sqlstate.starts_with(meaning.sqlstate);
  });
  const Meaning& meaning = found == kMeanings.end() ? kUnknown : *found;
  std::string told = one_line(words);
  if (!detail.empty()) told += fmt::format(": {}", one_line(detail));
  Error error = hub_error(meaning.code, doing, name,
                          fmt::format("{} (SQLSTATE {})", told, one_line(sqlstate)), meaning.hint);
  error.fault = sqlstate;
  return error;
}

Error connection_error(std::string_view doing, std::string_view name, std::string_view words) {
  const auto* found = std::find_if(kWords.begin(), kWords.end(), [&](const Meaning& meaning) {
    return words.find(meaning.sqlstate) != std::string_view::npos;
  });
  const Meaning& meaning = found == kWords.end() ? kUnreachableMeaning : *found;
  return hub_error(meaning.code, doing, name, one_line(words), meaning.hint);
}

bool is_worth_retrying(const Error& error) {
  return error.code == ErrorCode::kUnreachable || error.code == ErrorCode::kTimeout ||
         error.code == ErrorCode::kUnavailable;
}

}  // namespace ballast::hub
