#include "offline/inputs.h"

#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/oom_dump.h"
#include "model/parse/probe_output.h"
#include "offline/archive.h"
#include "offline/assemble.h"
#include "offline/directory.h"
#include "offline/loose_texts.h"
#include "offline/text/plain_text.h"
#include "offline/text/session.h"
#include "offline/texts.h"
#include "offline/vmware_tools.h"

namespace ballast::offline {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHead = 512;  // enough to know an archive
// An archive that comes in through standard input is held in memory.
constexpr std::size_t kMaxStandardInput = std::size_t{1} << 30;

// Pasted sessions of crash that follow one another, and each output of the probe.
Result<OfflineSample> sample_of_crash(const std::string& text) {
  auto crash = model::parse_crash_text(text);
  if (!crash) return fail(crash.error());
  OfflineSample sample;
  sample.reading = std::move(crash->reading);
  sample.vmcore = std::move(crash->evidence);
  return sample;
}

Result<OfflineSample> sample_of_probe(const std::string& path, const std::string& text) {
  auto probed = model::parse_probe_output(text);
  if (!probed) return fail(probed.error());
  OfflineSample sample;
  sample.sources = {path};
  sample.taken_at = probed->clock;
  sample.reading = std::move(*probed);
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

// Reads the paths in their order; loose texts are kept open until something else begins.
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
  Status keep_dumps(const std::string& label, std::string_view log);
  Status read_text(const std::string& path, std::string_view bytes);
  void finish_texts();
  void keep(Result<OfflineSample> sample);

  LooseTexts texts_;
  std::string crash_;
  std::vector<std::string> crash_sources_;
  Inputs inputs_;
};

void InputReader::keep(Result<OfflineSample> sample) {
  if (sample) {
    inputs_.samples.push_back(std::move(*sample));
  } else {
    inputs_.failures.push_back(sample.error());
    inputs_.lost_a_moment = true;
  }
}

void InputReader::finish_texts() {
  if (!texts_.empty()) texts_.finish(inputs_);
  if (crash_sources_.empty()) return;
  auto sample = named(crash_sources_.back(), sample_of_crash(crash_));
  if (sample) sample->sources = std::move(crash_sources_);
  keep(std::move(sample));
  crash_.clear();
  crash_sources_.clear();
}

// A session, of crash or of a shell, may show the log of a kernel that ran out of memory; what it
// shows of its own moment has the word.
bool is_kernel_log(std::string_view text) {
  return model::looks_like_oom_dump(text) && !model::looks_like_crash_text(text) &&
         text.find("MemTotal:") == std::string_view::npos;
}

// Errors: a text in which nothing was recognised, which is no moment of a guest.
Status InputReader::read_text(const std::string& path, std::string_view bytes) {
  auto text = plain_text(bytes);
  if (is_kernel_log(text)) return keep_dumps(path, text);
  const auto whole = recognise_whole(text);
  if (whole == TextKind::kProbeOutput) {
    finish_texts();
    keep(named(path, sample_of_probe(path, text)));
    return {};
  }
  if (whole == TextKind::kCrash) {
    if (crash_sources_.empty()) finish_texts();
    crash_sources_.push_back(path);
    crash_ += text + "\n";
    return {};
  }
  auto session = take_apart(text);
  if (session.pieces.empty()) return fail(during(nothing_recognised(bytes), printable(path)));
  if (!crash_sources_.empty()) finish_texts();
  texts_.add(path, std::move(session));
  return {};
}

void InputReader::read_file_at(const std::string& path) {
  const auto bytes = read_file(path, kMaxFileBytes);
  if (!bytes) inputs_.lost_a_moment = true;
  const auto status = bytes ? read_text(path, *bytes) : Status(fail(bytes.error()));
  if (!status) inputs_.failures.push_back(status.error());
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

// Takes those of the files that tell what they are; the rest is no use, and no harm.
void InputReader::read_all_loose(const std::string& label,
                                 const Result<std::vector<LooseFile>>& files,
                                 const Error& otherwise) {
  bool any = false;
  for (const auto& file : files ? *files : std::vector<LooseFile>()) {
    if (read_text(fmt::format("{}: {}", label, file.name), file.text)) any = true;
  }
  finish_texts();
  if (any) return;
  inputs_.failures.push_back(during(otherwise, printable(label)));
  inputs_.lost_a_moment = true;
}

void InputReader::read_packed(const std::string& label, const ArchiveSource& source) {
  auto single = read_single(source);
  if (single && *single) {
    if (auto status = read_text(label, **single); !status) {
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
    inputs_.lost_a_moment = true;
  } else if (is_archive(std::string_view(*bytes).substr(0, kHead))) {
    read_packed(label, {{}, *bytes});
  } else if (auto status = read_text(label, *bytes); !status) {
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
