// The one line that says how far a scan is: rewritten in place on a terminal, now and then a plain
// line when stderr is piped, nothing when quiet.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "output/terminal.h"

namespace ballast::output {

enum class ProgressMode { kRewrite, kPlain, kSilent };

[[nodiscard]] ProgressMode progress_mode(const StreamTraits& err, bool quiet);

// Decides which updates are shown. Pure: time comes in.
class ProgressPacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit ProgressPacer(ProgressMode mode) : mode_(mode) {}

  // Whether `text` is to be shown at `now`: never when silent; else the first time, and later when
  // it differs from what is shown and the last showing is 100 ms (kRewrite) or 10 s (kPlain) ago.
  bool due(std::string_view text, TimePoint now);

 private:
  ProgressMode mode_;
  std::optional<TimePoint> shown_at_;
  std::string shown_;
};

// One thread at a time; log lines may come from others meanwhile. The terminal must outlive it.
class ProgressLine {
 public:
  using Clock = std::function<ProgressPacer::TimePoint()>;

  ProgressLine(
      Terminal& terminal, ProgressMode mode,
      Clock clock = [] { return std::chrono::steady_clock::now(); });
  ~ProgressLine() { finish(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Replaces what the line says; cheap when nothing is due. Text from outside is made safe.
  void update(std::string_view text);
  // A line that stays, above the progress line; also when piped, not when silent.
  void println(std::string_view text);
  // Takes the line away. Called by the destructor too; a later update starts again.
  void finish();

 private:
  Terminal& terminal_;
  ProgressMode mode_;
  Clock clock_;
  ProgressPacer pacer_;
};

}  // namespace ballast::output
