// Shows in one line how far a long piece of work has come: rewritten in place on a terminal, a
// plain line now and then when stderr is piped, nothing when quiet.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "output/terminal.h"

namespace ballast::output {

enum class ProgressMode { kRewrite, kPlain, kSilent };

// Returns how progress is shown on a stderr with these traits.
[[nodiscard]] ProgressMode progress_mode(const StreamTraits& err, bool quiet);

// Decides which updates are shown. Pure: time comes in.
class ProgressPacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit ProgressPacer(ProgressMode mode) : mode_(mode) {}

  // Returns whether `text` is to be shown at `now`, and if so, takes it as shown. The first text is
  // due at once; a later one when it differs from the one shown, and that is 100 ms (kRewrite) or
  // 10 s (kPlain) old. Nothing is due when silent.
  bool due(std::string_view text, TimePoint now);

 private:
  ProgressMode mode_;
  std::optional<TimePoint> shown_at_;
  std::string shown_;
};

// Used by one thread at a time; log lines may come from other threads meanwhile. The terminal must
// outlive it.
class ProgressLine {
 public:
  using Clock = std::function<ProgressPacer::TimePoint()>;

  ProgressLine(
      Terminal& terminal, ProgressMode mode,
      Clock clock = [] { return std::chrono::steady_clock::now(); });
  ~ProgressLine() { finish(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Replaces what the line says. Cheap when nothing is due. Text from outside is made safe.
  void update(std::string_view text);
  // Writes a line that stays, above the progress line; also when piped, not when silent.
  void println(std::string_view text);
  // Takes the line away, as the destructor does too. A later update starts again.
  void finish();

 private:
  Terminal& terminal_;
  ProgressMode mode_;
  Clock clock_;
  ProgressPacer pacer_;
};

}  // namespace ballast::output
