// Colours by meaning, for terminals that have them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ballast::output {

enum class Style { kPlain, kStrong, kFaint, kGood, kNotice, kBad, kFinding };

// `text` between the escape sequences of `style`, or just `text` where `colour` is false.
[[nodiscard]] std::string paint(std::string_view text, Style style, bool colour);

// Where output goes and what can be shown there. Everything about the process's streams and
// environment is read once, in Terminal::of_process(); tests hand in streams and traits.

// What one output stream can show.
struct StreamTraits {
  bool tty = false;
  std::size_t width = 0;  // columns; 0 when piped: nothing is cut
  bool colour = false;
  bool unicode = false;   // the locale is UTF-8: bars, "±" and "…" may be used
  bool rewrites = false;  // a line can be rewritten in place (a terminal that is not dumb)
};

// Signs that have a plain ASCII form.
struct Signs {
  std::string_view plus_minus;
  std::string_view minus;
  std::string_view dash;  // between clauses
};
[[nodiscard]] Signs signs_for(const StreamTraits& traits);

// The variables and the locale that decide it, as found in the process or made up by a test.
struct TerminalEnvironment {
  std::optional<std::string> term;      // TERM
  std::optional<std::string> no_color;  // NO_COLOR: any value but "" turns colours off
  std::optional<std::string> columns;   // COLUMNS: before what the terminal says
  std::string codeset;                  // nl_langinfo(CODESET): "UTF-8", "ANSI_X3.4-1968", …
};

// `measured`: columns as the terminal driver says (0 if it does not); 80 if nobody knows.
[[nodiscard]] StreamTraits stream_traits(const TerminalEnvironment& environment, bool tty,
                                         std::size_t measured);

// Text from outside made safe for a stream: printable(), and plain ASCII for a terminal that is not
// UTF-8 (there, the bytes of other characters would be taken for control characters). "…" → "...".
[[nodiscard]] std::string safe_text(std::string_view text, const StreamTraits& traits,
                                    std::size_t max_bytes = 1024);

// elide() of base/text.h with the dots that the stream can show.
[[nodiscard]] std::string elide_for(std::string_view text, std::size_t columns, bool unicode);

// stdout for data, stderr for everything else. The err functions may be called from any thread.
class Terminal {
 public:
  // The streams must outlive the terminal. `err_width` is asked whenever a transient line is
  // shown, so that it follows a window that changes; by default it is err_traits.width.
  Terminal(std::ostream& out, StreamTraits out_traits, std::ostream& err, StreamTraits err_traits,
           std::function<std::size_t()> err_width = {});
  [[nodiscard]] static std::unique_ptr<Terminal> of_process();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] std::ostream& out() { return out_; }
  [[nodiscard]] const StreamTraits& out_traits() const { return out_traits_; }
  [[nodiscard]] const StreamTraits& err_traits() const { return err_traits_; }

  // Flushes stdout. Errors: kStorage when what was written did not arrive (full disk, …).
  Status finish_out();

  // One whole line on stderr, above the transient line if there is one. `line` has no newline.
  void err_line(std::string_view line);
  // "error: message" (its further lines below) and, on a line of its own, "  try: hint".
  void err_error(const Error& error);

  // Shows `line` as the last line of the terminal, in place of the one before; cut to the width.
  // Only for err_traits().rewrites.
  void show_transient(std::string_view line);
  void clear_transient();

 private:
  std::ostream& out_;
  std::ostream& err_;
  StreamTraits out_traits_;
  StreamTraits err_traits_;
  std::function<std::size_t()> err_width_;
  std::mutex err_mutex_;
  std::string transient_;
};

}  // namespace ballast::output
