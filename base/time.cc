#include "base/time.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"

namespace ballast {

namespace {

using std::chrono::milliseconds;

// Reads fields of fixed width from the front of a text. After the first failure ok() stays false,
// so that callers check once at the end.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  // Takes exactly `count` digits.
  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') {
        ok_ = false;
        return 0;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = take(c) && ok_; }

  // Takes any number of digits; those beyond milliseconds are dropped (scale is 0 then).
  milliseconds fraction() {
    int scale = 100;
    int value = 0;
    bool any = false;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value += (rest_.front() - '0') * scale;
      scale /= 10;
      any = true;
      rest_.remove_prefix(1);
    }
    ok_ = ok_ && any;
    return milliseconds(value);
  }

  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

milliseconds read_time_of_day(FieldReader& in, bool& in_range) {
  const int hour = in.digits(2);
  in.expect(':');
  const int minute = in.digits(2);
  int second = 0;
  milliseconds fraction{0};
  if (in.take(':')) {
    second = in.digits(2);
    if (in.take('.')) fraction = in.fraction();
  }
  in_range = hour < 24 && minute < 60 && second < 60;
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         fraction;
}

milliseconds read_offset(FieldReader& in, bool& in_range) {
  if (in.empty() || in.take('Z')) return milliseconds(0);
  const bool west = in.take('-');
  if (!west) in.expect('+');
  const int hour = in.digits(2);
  in.take(':');
  const int minute = in.empty() ? 0 : in.digits(2);
  in_range = in_range && hour < 24 && minute < 60;
  const milliseconds offset = std::chrono::hours(hour) + std::chrono::minutes(minute);
  return west ? -offset : offset;
}

std::optional<UtcTime> read_iso8601(std::string_view text) {
  FieldReader in(text);
  const int year = in.digits(4);
  in.expect('-');
  const int month = in.digits(2);
  in.expect('-');
  const int day = in.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!in.ok() || !date.ok()) return std::nullopt;
  UtcTime time = std::chrono::sys_days(date);
  if (in.empty()) return time;
  if (!in.take('T')) in.expect(' ');
  bool in_range = true;
  time += read_time_of_day(in, in_range);
  time -= read_offset(in, in_range);
  if (!in.done() || !in_range) return std::nullopt;
  return time;
}

std::int64_t unit_seconds(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    case 'w':
      return 7 * 86400;
    default:
      return 0;
  }
}

}  // namespace

std::string format_iso8601(UtcTime time) {
  // fmt 9 would print a time point in the local zone.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

Result<UtcTime> parse_iso8601(std::string_view text) {
  if (const auto time = read_iso8601(trim(text))) return *time;
  return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a time", printable(text, 40)),
              "ISO 8601 such as 2026-11-23 or 2026-11-23T13:00:00Z");
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto trimmed = trim(text);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), count);
  const auto unit = trimmed.substr(static_cast<std::size_t>(end - trimmed.data()));
  constexpr std::int64_t kMaxCount = 1'000'000'000;
  if (error != std::errc() || unit.size() != 1 || unit_seconds(unit[0]) == 0 || count <= 0 ||
      count > kMaxCount) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not a duration", printable(text, 40)),
                "a number with s, m, h, d or w, such as 24h or 7d");
  }
  return std::chrono::seconds(count * unit_seconds(unit[0]));
}

std::string format_duration(milliseconds duration) {
  const std::int64_t ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  const std::int64_t s = ms / 1000;
  if (s < 60) return fmt::format("{}.{} s", s, ms % 1000 / 100);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

}  // namespace ballast
