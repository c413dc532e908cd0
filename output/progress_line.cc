#include "output/progress_line.h"

#include <utility>

namespace ballast::output {

namespace {

constexpr std::chrono::milliseconds kRewriteInterval{100};
constexpr std::chrono::milliseconds kPlainInterval{10'000};

}  // namespace

ProgressMode progress_mode(const StreamTraits& err, bool quiet) {
  if (quiet) return ProgressMode::kSilent;
  return err.rewrites ? ProgressMode::kRewrite : ProgressMode::kPlain;
}

bool ProgressPacer::due(std::string_view text, TimePoint now) {
  if (mode_ == ProgressMode::kSilent) return false;
  const auto interval = mode_ == ProgressMode::kRewrite ? kRewriteInterval : kPlainInterval;
  if (shown_at_ && (now - *shown_at_ < interval || text == shown_)) return false;
  shown_at_ = now;
  shown_ = text;
  return true;
}

ProgressLine::ProgressLine(Terminal& terminal, ProgressMode mode, Clock clock)
    : terminal_(terminal), mode_(mode), clock_(std::move(clock)), pacer_(mode) {}

void ProgressLine::update(std::string_view text) {
  if (!pacer_.due(text, clock_())) return;
  const std::string safe = safe_text(text, terminal_.err_traits());
  if (mode_ == ProgressMode::kRewrite) {
    terminal_.show_transient(safe);
  } else {
    terminal_.err_line(safe);
  }
}

void ProgressLine::println(std::string_view text) {
  if (mode_ != ProgressMode::kSilent) {
    terminal_.err_line(safe_text(text, terminal_.err_traits(), 8192));
  }
}

void ProgressLine::finish() {
  terminal_.clear_transient();
  pacer_ = ProgressPacer(mode_);
}

}  // namespace ballast::output
