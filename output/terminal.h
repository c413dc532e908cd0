// Knows what a stream can show (colours, width, characters) and writes to the process's two.
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

// What a piece of text means to the reader; the terminal decides how that looks.
enum class Style { kPlain, kStrong, kFaint, kGood, kNotice, kBad, kFinding };

// Returns `text` between the escape sequences of `style`, or just `text` if `colour` is false.
[[nodiscard]] std::string paint(std::string_view text, Style style, bool colour);

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
// Returns the signs that a stream can show.
[[nodiscard]] Signs signs_for(const StreamTraits& traits);

// The variables and the locale that decide what a stream can show. A test makes them up.
struct TerminalEnvironment {
  std::optional<std::string> term;      // TERM
  std::optional<std::string> no_color;  // NO_COLOR: any value but "" turns colours off
  std::optional<std::string> columns;   // COLUMNS: goes before what the terminal says
  std::string codeset;                  // nl_langinfo(CODESET): "UTF-8", "ANSI_X3.4-1968", …
};

// Returns what a stream can show. `measured` is the width that the terminal driver says, 0 if it
// does not; a terminal of unknown width has 80 columns.
[[nodiscard]] StreamTraits stream_traits(const TerminalEnvironment& environment, bool tty,
                                         std::size_t measured);

// Returns text from outside made safe for a stream: as printable() makes it, and in plain ASCII for
// a terminal that is not UTF-8, which would take the bytes of other characters for control
// characters.
[[nodiscard]] std::string safe_text(std::string_view text, const StreamTraits& traits,
                                    std::size_t max_bytes = 1024);

// Cuts `text` to `columns` as elide() of base/text.h does: with "…", or ".." where that cannot be
// shown.
[[nodiscard]] std::string elide_for(std::string_view text, std::size_t columns, bool unicode);

// The process's output: stdout for data, stderr for everything else. The functions for stderr may
// be called from any thread.
class Terminal {
 public:
  // The streams must outlive the terminal. `err_width` is asked for the width whenever a transient
  // line is shown, so that the line follows a window that changes; without it the width is
  // err_traits.width.
  Terminal(std::ostream& out, StreamTraits out_traits, std::ostream& err, StreamTraits err_traits,
           std::function<std::size_t()> err_width = {});
  // Returns the terminal of this process. Reads its streams and environment once.
  [[nodiscard]] static std::unique_ptr<Terminal> of_process();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] std::ostream& out() { return out_; }
  [[nodiscard]] const StreamTraits& out_traits() const { return out_traits_; }
  [[nodiscard]] const StreamTraits& err_traits() const { return err_traits_; }

  // Flushes stdout. Errors: kStorage if something written to it did not arrive (full disk, …).
  Status finish_out();

  // Writes one whole line to stderr, above the transient line if there is one. `line` has no
  // newline.
  void err_line(std::string_view line);
  // Writes "error: message", the message's further lines below it, and "  try: hint" on a line of
  // its own.
  void err_error(const Error& error);

  // Shows `line`, cut to the width, as the last line of the terminal, in place of the one before.
  // Only where err_traits().rewrites.
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
