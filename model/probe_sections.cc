#include "model/probe_sections.h"

#include <cstddef>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast::model {

namespace {

constexpr std::string_view kMarker = "@@ballast ";
constexpr std::string_view kBegin = "begin 1";
constexpr std::string_view kEnd = "end";
constexpr std::size_t kMaxOutput = 1024 * 1024;
constexpr std::size_t kMaxSections = 64;

// The words after the marker if `line` is one, else "".
std::string_view marker_of(std::string_view line) {
  return line.starts_with(kMarker) ? trim(line.substr(kMarker.size())) : std::string_view();
}

// The output's lines one after the other, with the offset at which each begins.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool next() {
    start_ = next_;
    if (start_ >= text_.size()) return false;
    const auto end = text_.find('\n', start_);
    next_ = end == std::string_view::npos ? text_.size() : end + 1;
    line_ = text_.substr(start_, next_ - start_);
    return true;
  }
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::size_t start() const { return start_; }
  [[nodiscard]] std::size_t end() const { return next_; }

 private:
  std::string_view text_;
  std::string_view line_;
  std::size_t start_ = 0;
  std::size_t next_ = 0;
};

Status find_begin(LineReader& lines) {
  while (lines.next()) {
    const auto marker = marker_of(lines.line());
    if (marker == kBegin) return {};
    if (marker.starts_with("begin ")) {
      return fail(
          ErrorCode::kParse,
          fmt::format("probe output: its format is '{}', not '{}'", printable(marker, 40), kBegin),
          "use the probe script that comes with this version of ballast");
    }
  }
  return fail(ErrorCode::kParse, "probe output: the begin marker is missing",
              "check that /bin/sh in the guest is a POSIX shell");
}

}  // namespace

Result<ProbeSections> split_probe_sections(std::string_view text) {
  if (text.size() > kMaxOutput) return fail(ErrorCode::kTooLarge, "probe output: above 1 MiB");
  LineReader lines(text);
  if (auto begun = find_begin(lines); !begun) return fail(begun.error());
  ProbeSections sections;
  std::string_view name;  // of the section being read; "" before the first
  std::size_t start = 0;
  while (lines.next()) {
    const auto marker = marker_of(lines.line());
    if (marker.empty()) continue;
    if (!name.empty()) sections.emplace(name, text.substr(start, lines.start() - start));
    if (marker == kEnd) return sections;
    if (sections.contains(marker) || marker.starts_with("begin ")) {
      return fail(ErrorCode::kParse, fmt::format("probe output: the section '{}' occurs twice",
                                                 printable(marker, 40)));
    }
    if (sections.size() >= kMaxSections) {
      return fail(ErrorCode::kParse, "probe output: more sections than the probe prints");
    }
    name = marker;
    start = lines.end();
  }
  return fail(ErrorCode::kParse, "probe output: the end marker is missing, it was cut off",
              "check the free space of the guest's temporary folder");
}

}  // namespace ballast::model
