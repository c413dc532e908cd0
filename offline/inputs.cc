#include "offline/inputs.h"

#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/probe_output.h"
#include "offline/archive.h"
#include "offline/assemble.h"
#include "offline/directory.h"
#include "offline/texts.h"
#include "offline/vmware_tools.h"

namespace ballast::offline {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHead = 512;  // enough to know an archive

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

// Tells whether a folder is the root of the guest that ballast runs in.
bool is_live_root(const std::string& path) {
  std::error_code ignored;
  return fs::equivalent(path, "/", ignored);
}

Result<OfflineSample> read_folder(const std::string& path) {
  const auto told = is_live_root(path) ? ask_vmware_tools() : std::nullopt;
  auto sample = sample_of(path, read_directory(path));
  if (sample && told) sample->reading.host_balloon_kib = told;
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
  void read_text(const std::string& path);
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

void InputReader::read_text(const std::string& path) {
  auto text = read_file(path, kMaxFileBytes);
  if (!text) {
    inputs_.failures.push_back(text.error());
    return;
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  const auto kind = recognise(*text);
  if (!kind) {
    inputs_.failures.push_back(during(kind.error(), printable(path)));
    return;
  }
  if (!texts_.may_add(*kind)) finish_texts();
  last_text_ = path;
  texts_.add(*kind, path, std::move(*text));
}

bool holds_archive(const std::string& path) {
  const auto head = read_head(path, kHead);
  return head && is_archive(*head);
}

void InputReader::read_path(const std::string& path) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (!folder && !holds_archive(path)) return read_text(path);
  finish_texts();
  keep(folder ? read_folder(path) : named(path, sample_of(path, read_archive(path))));
}

Inputs InputReader::read(const std::vector<std::string>& paths) {
  for (const auto& path : paths) read_path(path);
  finish_texts();
  return std::move(inputs_);
}

}  // namespace

Inputs read_inputs(const std::vector<std::string>& paths) { return InputReader().read(paths); }

}  // namespace ballast::offline
