#include "output/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>

#include "base/text.h"

namespace ballast::output {

namespace {

constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kMaxErrorLine = 8192;  // bytes
constexpr std::string_view kEraseLine = "\r\x1b[K";

std::string_view code_of(Style style) {
  switch (style) {
    case Style::kStrong:
      return "1";
    case Style::kFaint:
      return "2";
    case Style::kGood:
      return "32";
    case Style::kNotice:
      return "33";
    case Style::kBad:
      return "1;31";
    case Style::kFinding:
      return "1;36";
    case Style::kPlain:
      break;
  }
  return {};
}

std::optional<std::string> variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Asks the user's locale without making it the process's.
std::string locale_codeset() {
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return "ANSI_X3.4-1968";
  std::string codeset = ::nl_langinfo_l(CODESET, locale);
  ::freelocale(locale);
  return codeset;
}

std::size_t measured_width(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::size_t columns_from(const std::optional<std::string>& text) {
  std::size_t columns = 0;
  if (!text) return 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, columns);
  return parsed.ec == std::errc() && parsed.ptr == end ? columns : 0;
}

}  // namespace

std::string paint(std::string_view text, Style style, bool colour) {
  const auto code = code_of(style);
  if (!colour || code.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Signs signs_for(const StreamTraits& traits) {
  return traits.unicode ? Signs{"±", "−", "–"} : Signs{"+/-", "-", "-"};
}

StreamTraits stream_traits(const TerminalEnvironment& environment, bool tty, std::size_t measured) {
  StreamTraits traits;
  traits.tty = tty;
  traits.unicode = environment.codeset == "UTF-8";
  if (!tty) return traits;
  const std::string term = environment.term.value_or("dumb");
  traits.rewrites = !term.empty() && term != "dumb";
  traits.colour = traits.rewrites && environment.no_color.value_or("").empty();
  traits.width = columns_from(environment.columns);
  if (traits.width == 0) traits.width = measured;
  if (traits.width == 0) traits.width = kDefaultWidth;
  return traits;
}

std::string safe_text(std::string_view text, const StreamTraits& traits, std::size_t max_bytes) {
  std::string safe = printable(text, max_bytes);
  if (!traits.tty || traits.unicode) return safe;
  constexpr std::string_view kDots = "…";
  std::string ascii;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const auto byte = static_cast<unsigned char>(safe[i]);
    if (byte < 0x80) {
      ascii += safe[i];
    } else if (std::string_view(safe).substr(i).starts_with(kDots)) {
      ascii += "...";
      i += kDots.size() - 1;
    } else if (byte >= 0xC0) {  // the first byte of a character stands for all of it
      ascii += '?';
    }
  }
  return ascii;
}

std::string elide_for(std::string_view text, std::size_t columns, bool unicode) {
  constexpr std::size_t kDots = 2;
  if (unicode || display_width(text) <= columns) return elide(text, columns);
  if (columns <= kDots) return std::string(text.substr(0, columns));
  const std::string cut = elide(text, columns - kDots + 1);
  return cut.substr(0, cut.size() - std::string_view("…").size()) + "..";
}

Terminal::Terminal(std::ostream& out, StreamTraits out_traits, std::ostream& err,
                   StreamTraits err_traits, std::function<std::size_t()> err_width)
    : out_(out),
      err_(err),
      out_traits_(out_traits),
      err_traits_(err_traits),
      err_width_(std::move(err_width)) {}

std::unique_ptr<Terminal> Terminal::of_process() {
  const TerminalEnvironment environment{variable("TERM"), variable("NO_COLOR"), variable("COLUMNS"),
                                        locale_codeset()};
  const auto traits_of = [&](int fd) {
    return stream_traits(environment, ::isatty(fd) == 1, measured_width(fd));
  };
  const StreamTraits err = traits_of(STDERR_FILENO);
  auto err_width = [width = err.width, fixed = columns_from(environment.columns) > 0] {
    const std::size_t now = fixed ? 0 : measured_width(STDERR_FILENO);
    return now > 0 ? now : width;
  };
  return std::make_unique<Terminal>(std::cout, traits_of(STDOUT_FILENO), std::cerr, err, err_width);
}

Status Terminal::finish_out() {
  errno = 0;
  out_.flush();
  if (out_.good()) return {};
  const std::string why = errno == 0 ? "write error" : std::strerror(errno);
  return fail(ErrorCode::kStorage, "standard output: " + why,
              "see whether the disk or pipe it goes to is full or closed");
}

void Terminal::err_line(std::string_view line) {
  const std::lock_guard lock(err_mutex_);
  if (transient_.empty()) {
    // At once: standard error has no buffer, and other output may come in between.
    err_ << std::string(line) + '\n' << std::flush;
  } else {
    err_ << kEraseLine << line << '\n' << transient_ << std::flush;
  }
}

void Terminal::err_error(const Error& error) {
  const auto safe = [this](std::string_view text) {
    return safe_text(text, err_traits_, kMaxErrorLine);
  };
  // A message of several lines is a list of problems (a configuration's); the lines are ours.
  const auto lines = split_lines(error.message);
  const std::string label = paint("error:", Style::kBad, err_traits_.colour);
  err_line(fmt::format("{} {}", label, safe(lines.empty() ? "" : lines.front())));
  for (std::size_t i = 1; i < lines.size(); ++i) err_line("  " + safe(lines[i]));
  if (!error.hint.empty()) err_line("  try: " + safe(error.hint));
}

void Terminal::show_transient(std::string_view line) {
  const std::lock_guard lock(err_mutex_);
  const std::size_t width = err_width_ ? err_width_() : err_traits_.width;
  // The last column stays free: some terminals wrap as soon as it is written.
  transient_ = elide_for(line, width > 1 ? width - 1 : width, err_traits_.unicode);
  err_ << kEraseLine << transient_ << std::flush;
}

void Terminal::clear_transient() {
  const std::lock_guard lock(err_mutex_);
  if (transient_.empty()) return;
  err_ << kEraseLine << std::flush;
  transient_.clear();
}

}  // namespace ballast::output
