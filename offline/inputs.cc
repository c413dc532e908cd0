#include "offline/inputs.h"

#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/oom_dump.h"
#include "model/parse/probe_output.h"
#include "offline/archive.h"
#include "offline/assemble.h"
#include "offline/directory.h"
#include "offline/texts.h"

namespace ballast::offline {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHead = 512;  // enough to know an archive
// An archive that comes in through standard input is held in memory.
constexpr std::size_t kMaxStandardInput = std::size_t{1} << 30;

// Texts of one group may belong to one moment: files of /proc; the probe's output, which is
// complete by itself; what was pasted from a session with crash.
enum class Group { kProc, kProbe, kCrash };

Group group_of(TextKind kind) {
  if (kind == TextKind::kProbeOutput) return Group::kProbe;
  return kind == TextKind::kCrash ? Group::kCrash : Group::kProc;
}

// Gathers the loose texts of one moment.
class LooseTexts {
 public:
  [[nodiscard]] bool empty() const { return kinds_.empty(); }
  // Tells whether a text of this kind can be of the same moment as those before. Texts of crash
  // can: a session is often pasted into several files.
  [[nodiscard]] bool may_add(TextKind kind) const {
    if (kinds_.empty()) return true;
    if (group_of(*kinds_.begin()) != group_of(kind)) return false;
    return kind == TextKind::kCrash || !kinds_.contains(kind);
  }
  void add(TextKind kind, const std::string& source, std::string text);
  Result<OfflineSample> finish();

 private:
  [[nodiscard]] bool has_figures() const {
    return kinds_.contains(TextKind::kMeminfo) || kinds_.contains(TextKind::kProbeOutput) ||
           kinds_.contains(TextKind::kCrash);
  }

  std::set<TextKind> kinds_;
  std::vector<std::string> sources_;
  GuestFiles files_;
  std::string probe_;
  std::string crash_;
};

void LooseTexts::add(TextKind kind, const std::string& source, std::string text) {
  kinds_.insert(kind);
  sources_.push_back(source);
  if (kind == TextKind::kProbeOutput) {
    probe_ = std::move(text);
  } else if (kind == TextKind::kCrash) {
    crash_ += text + "\n";
  } else {
    files_.files.emplace(path_of(kind), std::move(text));
  }
}

Result<OfflineSample> LooseTexts::finish() {
  OfflineSample sample;
  if (!has_figures()) {
    return fail(ErrorCode::kParse, "there is no meminfo with it",
                "name a copy of /proc/meminfo too");
  }
  if (!crash_.empty()) {
    auto crash = model::parse_crash_text(crash_);
    if (!crash) return fail(crash.error());
    sample.reading = std::move(crash->reading);
    sample.vmcore = std::move(crash->evidence);
  } else if (!probe_.empty()) {
    auto probed = model::parse_probe_output(probe_);
    if (!probed) return fail(probed.error());
    sample.taken_at = probed->clock;
    sample.reading = std::move(*probed);
  } else {
    sample.reading = assemble(files_);
  }
  sample.sources = std::move(sources_);
  return sample;
}

Result<OfflineSample> sample_of(const std::string& path, Result<GuestFiles> files) {
  if (!files) return fail(files.error());
  OfflineSample sample;
  sample.sources = {path};
  sample.taken_at = taken_at(*files);
  sample.cut_off = files->cut_off;
  sample.reading = assemble(*files);
  return sample;
}

Result<OfflineSample> read_folder(const std::string& path) {
  auto sample = sample_of(path, read_directory(path));
  // A scan of every page, so only where the better witnesses are silent.
  const auto flags = fs::path(path) / "proc/kpageflags";
  if (sample && !sample->reading.balloon.current_kib &&
      !sample->reading.vmstat.contains("balloon_inflate") && stays_inside(path, flags)) {
    sample->reading.kpageflags_kib = count_offline_pages(flags);
  }
  return sample;
}

// Makes an error say which file it is about.
Result<OfflineSample> named(const std::string& path, Result<OfflineSample> sample) {
  if (!sample) return fail(during(sample.error(), printable(path)));
  return sample;
}

// Reads the paths in their order; loose texts are kept open until one begins the next moment.
class InputReader {
 public:
  Inputs read(const std::vector<std::string>& paths);

 private:
  void read_path(const std::string& path);
  void read_file_at(const std::string& path);
  void read_packed(const std::string& label, const ArchiveSource& source);
  void read_all_loose(const std::string& label, const Result<std::vector<LooseFile>>& files,
                      const Error& otherwise);
  void read_standard_input();
  Status read_text(const std::string& label, std::string text);
  Status keep_dumps(const std::string& label, std::string_view log);
  void finish_texts();
  void keep(Result<OfflineSample> sample);

  LooseTexts texts_;
  std::string last_text_;
  Inputs inputs_;
};

void InputReader::keep(Result<OfflineSample> sample) {
  if (sample) {
    inputs_.samples.push_back(std::move(*sample));
  } else {
    inputs_.failures.push_back(sample.error());
  }
}

void InputReader::finish_texts() {
  if (texts_.empty()) return;
  keep(named(last_text_, texts_.finish()));
  texts_ = {};
}

// A session with crash may show the log of a kernel that ran out of memory; its own counters are of
// the moment of the crash then.
bool is_kernel_log(std::string_view text) {
  return model::looks_like_oom_dump(text) && !model::looks_like_crash_text(text);
}

// Each dump of a log is a moment of its own.
Status InputReader::keep_dumps(const std::string& label, std::string_view log) {
  auto readings = model::parse_oom_dumps(log);
  if (!readings) return fail(during(readings.error(), printable(label)));
  finish_texts();
  for (std::size_t i = 0; i < readings->size(); ++i) {
    OfflineSample sample;
    sample.sources = {readings->size() == 1 ? label : fmt::format("{}: dump {}", label, i + 1)};
    sample.reading = std::move((*readings)[i]);
    keep(std::move(sample));
  }
  return {};
}

Status InputReader::read_text(const std::string& label, std::string text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  if (is_kernel_log(text)) return keep_dumps(label, text);
  const auto kind = recognise(text);
  if (!kind) return fail(during(kind.error(), printable(label)));
  if (!texts_.may_add(*kind)) finish_texts();
  last_text_ = label;
  texts_.add(*kind, label, std::move(text));
  return {};
}

void InputReader::read_file_at(const std::string& path) {
  auto text = read_file(path, kMaxFileBytes);
  const auto status = text ? read_text(path, std::move(*text)) : Status(fail(text.error()));
  if (!status) inputs_.failures.push_back(status.error());
}

// Takes those of the files that tell what they are; the rest is no use, and no harm.
void InputReader::read_all_loose(const std::string& label,
                                 const Result<std::vector<LooseFile>>& files,
                                 const Error& otherwise) {
  bool any = false;
  for (const auto& file : files ? *files : std::vector<LooseFile>()) {
    if (read_text(fmt::format("{}: {}", label, file.name), file.text)) any = true;
  }
  finish_texts();
  if (!any) inputs_.failures.push_back(during(otherwise, printable(label)));
}

void InputReader::read_packed(const std::string& label, const ArchiveSource& source) {
  auto single = read_single(source);
  if (single && *single) {
    if (auto status = read_text(label, std::move(**single)); !status) {
      inputs_.failures.push_back(status.error());
    }
    return;
  }
  finish_texts();
  auto guest = read_archive(source);
  if (guest || guest.error().code != ErrorCode::kNotFound) {
    return keep(named(label, sample_of(label, std::move(guest))));
  }
  read_all_loose(label, read_loose(source), guest.error());
}

void InputReader::read_standard_input() {
  const std::string label = "standard input";
  auto bytes = offline::read_standard_input(kMaxStandardInput);
  if (!bytes) {
    inputs_.failures.push_back(bytes.error());
  } else if (is_archive(std::string_view(*bytes).substr(0, kHead))) {
    read_packed(label, {{}, *bytes});
  } else if (auto status = read_text(label, std::move(*bytes)); !status) {
    inputs_.failures.push_back(status.error());
  }
}

bool holds_archive(const std::string& path) {
  const auto head = read_head(path, kHead);
  return head && is_archive(*head);
}

void InputReader::read_path(const std::string& path) {
  if (path == "-") return read_standard_input();
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    return holds_archive(path) ? read_packed(path, {path, {}}) : read_file_at(path);
  }
  finish_texts();
  auto sample = read_folder(path);
  if (sample || sample.error().code != ErrorCode::kNotFound) return keep(std::move(sample));
  read_all_loose(path, read_loose_folder(path), sample.error());
}

Inputs InputReader::read(const std::vector<std::string>& paths) {
  for (const auto& path : paths) read_path(path);
  finish_texts();
  return std::move(inputs_);
}

}  // namespace

Inputs read_inputs(const std::vector<std::string>& paths) { return InputReader().read(paths); }

}  // namespace ballast::offline
