#include "model/crash/text.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "model/crash/lines.h"
#include "model/crash/members.h"
#include "model/crash/tables.h"
#include "model/crash/task_flags.h"
#include "model/parse/numbers.h"
#include "model/parse/vmmemctl.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxText = std::size_t{16} * 1024 * 1024;
// crash wraps long arrays; a longer line is something else.
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxReleaseWord = 128;
constexpr std::string_view kRelease = "RELEASE:";

bool is_graphic(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// Returns the release in "RELEASE: 2.6.18-274.7.1.el5"; "" if it is another line.
std::string_view release_in(std::string_view line) {
  line = trim(line);
  if (!line.starts_with(kRelease)) return {};
  auto rest = line.substr(kRelease.size());
  const auto release = next_word(rest);
  const bool known = trim(rest).empty() && release.size() <= kMaxReleaseWord && is_graphic(release);
  return known ? release : std::string_view();
}

// Offers each line to the readers, one after the other, and puts together what they found.
class CrashParser {
 public:
  Status read(std::string_view line);
  [[nodiscard]] Result<CrashReading> finish();

 private:
  LineTaken read_release(std::string_view line);
  void take_members();
  void name_module();

  CrashReading result_;
  BackTraceReader traces_;
  KmemInfoReader info_;
  KmemCountersReader counters_;
  MemberReader members_;
};

Status CrashParser::read(std::string_view line) {
  if (line.empty() || line.size() > kMaxLine) return {};
  if (const auto command = command_of(line)) {
    traces_.end_trace();
    counters_.end_command();
    members_.begin_command(*command);
    return {};
  }
  if (traces_.read(line)) return {};
  auto taken = info_.read(line);
  if (taken && !*taken) taken = counters_.read(line);
  if (taken && !*taken) taken = read_release(line);
  if (taken && !*taken) taken = members_.read(line, traces_.command());
  if (!taken) return fail(taken.error());
  return {};
}

LineTaken CrashParser::read_release(std::string_view line) {
  const auto release = release_in(line);
  if (release.empty()) return false;
  auto& known = result_.reading.kernel_release;
  if (!known.empty() && known != release) return occurs_twice("the session", kRelease);
  known = release;
  return true;
}

void CrashParser::take_members() {
  auto found = members_.take();
  auto& evidence = result_.evidence;
  auto& balloon = result_.reading.balloon;
  evidence.task_flags = found.task_flags;
  evidence.flags_command = found.flags_command;
  if (found.task_flags) {
    evidence.task_flag_names = task_flag_names(*found.task_flags, result_.reading.kernel_release);
    evidence.recognised.emplace_back("task flags");
  }
  evidence.zone = std::move(found.zone);
  evidence.tasks_in_reclaim = found.tasks_in_reclaim;
  if (!evidence.zone.empty() || evidence.tasks_in_reclaim) {
    evidence.recognised.emplace_back("zone");
  }
  balloon.current_kib = found.balloon_kib;
  balloon.target_kib = found.balloon_target_kib;
  if (balloon.current_kib || balloon.target_kib) evidence.recognised.emplace_back("balloon");
}

// The driver's name is nowhere but in the frames of its back trace.
void CrashParser::name_module() {
  const auto* const trace = result_.evidence.balloon_trace();
  if (trace == nullptr) return;
  for (const auto& frame : trace->frames) {
    auto& module = result_.reading.balloon.module;
    if (module.empty()) module = find_balloon_module(frame.module);
  }
}

Result<CrashReading> CrashParser::finish() {
  auto& evidence = result_.evidence;
  auto& reading = result_.reading;
  if (!reading.kernel_release.empty()) evidence.recognised.emplace_back("sys");
  if (info_.any()) evidence.recognised.emplace_back("kmem -i");
  if (counters_.any()) evidence.recognised.emplace_back("kmem -V");
  reading.from_crash = true;
  reading.meminfo = info_.meminfo();
  apply_vm_counters(counters_.counters(), reading);
  evidence.traces = traces_.take();
  if (!evidence.traces.empty()) evidence.recognised.emplace_back("bt");
  take_members();
  name_module();
  if (evidence.recognised.empty()) {
    return fail(ErrorCode::kParse, "crash text: nothing in it is known output of crash",
                "paste kmem -i, kmem -V and the bt of the balloon's thread");
  }
  return std::move(result_);
}

// Tells whether one line alone shows that the text is crash's. What other files also have, such as
// `flags = 0x10`, does not.
bool is_of_crash(std::string_view line) {
  if (line.empty() || line.size() > kMaxLine) return false;
  if (command_of(line) || is_crash_trace_line(line) || !release_in(line).empty()) return true;
  KmemInfoReader info;
  KmemCountersReader counters;
  const auto row = info.read(line);
  const auto counter = counters.read(line);
  const auto reclaim = line.find("reclaim_in_progress =") != std::string_view::npos;
  return !row || *row || !counter || *counter || reclaim ||
         trim(line).starts_with("struct vmballoon {");
}

}  // namespace

const BackTrace* VmcoreEvidence::balloon_trace() const {
  const auto found = std::find_if(traces.begin(), traces.end(),
                                  [](const BackTrace& trace) { return trace.is_balloon(); });
  return found == traces.end() ? nullptr : &*found;
}

bool looks_like_crash_text(std::string_view text) {
  text = text.substr(0, kMaxText);
  while (!text.empty()) {
    if (is_of_crash(take_line(text))) return true;
  }
  return false;
}

Result<CrashReading> parse_crash_text(std::string_view text) {
  if (text.size() > kMaxText) {
    return fail(ErrorCode::kTooLarge, "crash text: above 16 MiB",
                "give kmem -i, kmem -V and the bt of the balloon's thread only");
  }
  CrashParser parser;
  while (!text.empty()) {
    if (auto read = parser.read(take_line(text)); !read) return fail(read.error());
  }
  return parser.finish();
}

}  // namespace ballast::model
