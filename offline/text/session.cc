#include "offline/text/session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "offline/files.h"
#include "offline/text/line_forms.h"
#include "offline/text/meminfo_piece.h"
#include "offline/text/pasted_lines.h"
#include "offline/text/plain_text.h"
#include "offline/text/session_marks.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kMostPieces = 20000;

// In these a line that is missing changes a sum; of the others what is there is right by itself.
bool is_sum(TextKind kind) {
  return kind == TextKind::kVmstat || kind == TextKind::kZoneinfo ||
         kind == TextKind::kVmallocinfo || kind == TextKind::kSlabinfo ||
         kind == TextKind::kPartitions || kind == TextKind::kIomem;
}

bool begins_with_field(std::string_view line, std::string_view name) {
  line = trim(line);
  return line.starts_with(name) && line.substr(name.size()).starts_with(':');
}

// Returns the path and the value of "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages:512",
// as `grep . PATH…` prints them; the path is "" for another line.
std::pair<std::string, std::string_view> path_and_value(std::string_view line) {
  const auto colon = line.find(':');
  if (!line.starts_with('/') || colon == std::string_view::npos) return {};
  std::string path(line.substr(1, colon - 1));
  if (!is_wanted(path)) return {};
  return {std::move(path), line.substr(colon + 1)};
}

class SessionReader {
 public:
  explicit SessionReader(std::string_view plain)
      : lines_(pasted_lines(plain)), open_end_(!plain.ends_with('\n')) {}
  Session read();

 private:
  void take(std::size_t index);
  bool take_mark(const PastedLine& line, std::string_view text);
  bool take_named_file(const PastedLine& line, std::string_view text);
  [[nodiscard]] bool is_of_other_command(TextKind kind) const;
  [[nodiscard]] std::optional<TextKind> kind_of(std::string_view text) const;
  void take_meminfo(std::size_t index, std::string_view text);
  void take_log(const PastedLine& line);
  void take_strange(const PastedLine& line, std::string_view text);
  void begin(TextKind kind, const PastedLine& line);
  void append(const PastedLine& line);
  void new_command(std::string command, std::string path);
  void end_piece(bool at_end);
  void refuse(const PastedLine& line, std::string_view why);
  [[nodiscard]] bool is_open(TextKind kind) const { return open_ && piece().kind == kind; }
  [[nodiscard]] Piece& piece() { return session_.pieces.back(); }
  [[nodiscard]] const Piece& piece() const { return session_.pieces.back(); }
  [[nodiscard]] bool begins_next_meminfo(std::size_t index) const;
  [[nodiscard]] bool zone_is_over(std::string_view text) const;
  void note_what_was_left_out();

  std::vector<PastedLine> lines_;
  bool open_end_ = false;  // the last line has no newline
  Session session_;
  bool open_ = false;  // lines may still be added to the last piece
  MeminfoPiece meminfo_;
  std::optional<std::size_t> interrupted_;  // the last meminfo, if no command came since
  PastedLine pager_line_;                   // the last line, if a pager waited there
  bool cut_before_ = false;                 // a mark of a cut stands right before the next piece
  bool in_pagesets_ = false;
  bool strange_ = false;  // a strange line stands behind the open piece's last one
  PastedLine strange_line_;
  std::string command_;
  std::string command_path_;
  std::string moment_;
  std::size_t left_out_ = 0;
  PastedLine first_left_out_;
};

void SessionReader::refuse(const PastedLine& line, std::string_view why) {
  if (piece().refusal) return;
  piece().refusal = Error{ErrorCode::kParse,
                          fmt::format("{}: line {}, '{}', {}", name_of(piece().kind), line.number,
                                      printable(trim(line.text), 80), why),
                          "give all of it, and nothing else", ""};
}

void SessionReader::begin(TextKind kind, const PastedLine& line) {
  end_piece(false);
  Piece fresh;
  fresh.kind = kind;
  fresh.command = command_;
  fresh.moment = moment_;
  fresh.first_line = line.number;
  session_.pieces.push_back(std::move(fresh));
  open_ = true;
  strange_ = false;
  in_pagesets_ = false;
  meminfo_ = {};
  if (cut_before_ && kind == TextKind::kMeminfo) meminfo_.add_cut("...", line.number);
  if (cut_before_ && is_sum(kind)) refuse(line, "follows a mark for lines that are missing");
  cut_before_ = false;
}

void SessionReader::append(const PastedLine& line) {
  if (strange_ && is_sum(piece().kind)) refuse(strange_line_, "stands between its lines");
  strange_ = false;
  piece().text += line.text;
  piece().text += '\n';
  if (piece().kind != TextKind::kZoneinfo) return;
  const auto text = trim(line.text);
  if (text == "pagesets") in_pagesets_ = true;
  if (text.starts_with("Node ")) in_pagesets_ = false;
}

void SessionReader::end_piece(bool at_end) {
  if (!open_) return;
  open_ = false;
  if (piece().kind != TextKind::kMeminfo) return;
  auto done = meminfo_.finish(at_end);
  if (!done && !piece().refusal) {
    piece().refusal = done.error();
  }
  if (!done) return;
  piece().text = std::move(done->text);
  session_.notes.insert(session_.notes.end(), done->notes.begin(), done->notes.end());
}

void SessionReader::new_command(std::string command, std::string path) {
  end_piece(false);
  interrupted_.reset();
  cut_before_ = false;
  command_ = std::move(command);
  command_path_ = is_wanted(path) ? std::move(path) : std::string();
}

// Takes what is not of a piece itself: prompts, headings, marks.
bool SessionReader::take_mark(const PastedLine& line, std::string_view text) {
  if (const auto moment = moment_in_heading(text); !moment.empty()) {
    new_command("", "");
    moment_ = moment;
    return true;
  }
  if (is_cut_mark(text)) {
    if (is_open(TextKind::kMeminfo)) meminfo_.add_cut(text, line.number);
    if (open_ && is_sum(piece().kind)) refuse(line, "stands for lines that are missing");
    cut_before_ = !open_;
    return true;
  }
  pager_line_ = is_pager_mark(text) ? line : PastedLine{};
  if (is_pager_mark(text)) return true;
  if (is_fence(text)) {
    end_piece(false);
    return true;
  }
  if (!path_and_value(text).first.empty()) return false;
  if (auto path = path_in_heading(text); !path.empty()) {
    new_command("cat /" + path, path);
    return true;
  }
  if (auto command = shell_command(text)) {
    auto path = path_in_command(*command);
    new_command(std::move(*command), std::move(path));
    return true;
  }
  return false;
}

// MemTotal stands first, unless somebody sorted the lines; then MemFree does not follow it, or all
// lines are turned around.
bool SessionReader::begins_next_meminfo(std::size_t index) const {
  const bool total = begins_with_field(lines_[index].text, "MemTotal");
  if (!total || meminfo_.is_sorted_down()) return false;
  for (auto next = index + 1; next < lines_.size(); ++next) {
    const auto text = trim(lines_[next].text);
    if (!text.empty()) return begins_with_field(text, "MemFree");
  }
  return false;
}

void SessionReader::take_meminfo(std::size_t index, std::string_view text) {
  const auto& line = lines_[index];
  const bool total = begins_with_field(text, "MemTotal");
  const bool resumes = !is_open(TextKind::kMeminfo) && interrupted_ && !total;
  if (!is_open(TextKind::kMeminfo) || begins_next_meminfo(index)) begin(TextKind::kMeminfo, line);
  if (resumes) {
    const auto before = *interrupted_;
    refuse(line, "goes on after something else");
    session_.pieces[before].refusal = piece().refusal;
  }
  interrupted_ = session_.pieces.size() - 1;
  if (meminfo_.add(text, line.number)) return;
  begin(TextKind::kMeminfo, line);
  interrupted_ = session_.pieces.size() - 1;
  (void)meminfo_.add(text, line.number);
}

// A zone's lines have no form of their own, so that what begins another text ends it; counters of
// vmstat's kind are a zone's own before its pagesets.
bool SessionReader::zone_is_over(std::string_view text) const {
  if (!is_open(TextKind::kZoneinfo)) return false;
  const auto begun = kind_begun_by(text);
  if (begun == TextKind::kVmstat) return in_pagesets_ && text.starts_with("nr_");
  return begun && begun != TextKind::kZoneinfo;
}

// Takes the line of a file that only its path tells: the path stands in the line, or in the command
// before it.
bool SessionReader::take_named_file(const PastedLine& line, std::string_view text) {
  auto [path, value] = path_and_value(text);
  if (!path.empty()) {
    begin(TextKind::kGuestFile, line);
    piece().path = std::move(path);
    piece().text = std::string(value) + "\n";
    end_piece(false);
    return true;
  }
  if (command_path_.empty() || text.find(": ") != std::string_view::npos) return false;
  if (!is_open(TextKind::kGuestFile)) {
    begin(TextKind::kGuestFile, line);
    piece().path = command_path_;
  }
  append(line);
  return true;
}

void SessionReader::take_strange(const PastedLine& line, std::string_view text) {
  if (is_open(TextKind::kMeminfo)) meminfo_.add_gap(text, line.number);
  if (open_ && !strange_) {
    strange_ = true;
    strange_line_ = line;
  }
  if (left_out_++ == 0) first_left_out_ = line;
}

// Tells whether a command that is known printed something else than the line looks like: all that
// `vmware-toolbox-cmd stat` prints are sizes.
bool SessionReader::is_of_other_command(TextKind kind) const {
  return kind == TextKind::kToolboxBalloon && !command_.empty() &&
         (command_.find("toolbox") == std::string::npos ||
          command_.find("balloon") == std::string::npos);
}

std::optional<TextKind> SessionReader::kind_of(std::string_view text) const {
  const auto kind = kind_begun_by(text);
  return kind && is_of_other_command(*kind) ? std::nullopt : kind;
}

void SessionReader::take(std::size_t index) {
  const auto& line = lines_[index];
  const auto text = trim(line.text);
  if (text.empty() || take_mark(line, text)) return;
  const bool own = open_ && piece().kind != TextKind::kOtherTool && goes_on(piece().kind, text) &&
                   !zone_is_over(text);
  const auto kind = own ? std::optional(piece().kind) : kind_of(text);
  if (kind == TextKind::kMeminfo) return take_meminfo(index, text);
  if (line.from_kernel_log) return take_log(line);
  if (kind && !own) begin(*kind, line);
  if (kind || is_open(TextKind::kOtherTool)) return append(line);
  // A log without times begins with the kernel's version.
  if (is_open(TextKind::kVersion) || is_open(TextKind::kBootLog)) return take_log(line);
  if (!take_named_file(line, text)) take_strange(line, text);
}

void SessionReader::take_log(const PastedLine& line) {
  if (!is_open(TextKind::kBootLog)) begin(TextKind::kBootLog, line);
  append(line);
}

void SessionReader::note_what_was_left_out() {
  if (left_out_ == 0 || session_.pieces.empty()) return;
  session_.notes.push_back(
      fmt::format("{} left out; the first is line {}, '{}'",
                  left_out_ == 1 ? "one line that is nothing known was"
                                 : fmt::format("{} lines that are nothing known were", left_out_),
                  first_left_out_.number, printable(trim(first_left_out_.text), 80)));
}

Session SessionReader::read() {
  for (std::size_t index = 0; index < lines_.size(); ++index) {
    take(index);
    if (session_.pieces.size() < kMostPieces) continue;
    session_.notes.push_back(
        fmt::format("what follows line {} was left out: there is too much", lines_[index].number));
    break;
  }
  if (pager_line_.number > 0 && is_open(TextKind::kMeminfo)) {
    meminfo_.add_cut(trim(pager_line_.text), pager_line_.number);
  }
  end_piece(open_end_);
  note_what_was_left_out();
  return std::move(session_);
}

}  // namespace

Session take_apart(std::string_view bytes) { return SessionReader(plain_text(bytes)).read(); }

}  // namespace ballast::offline
