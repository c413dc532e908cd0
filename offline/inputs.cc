#include "offline/inputs.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
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

// Errors: a text in which nothing was recognised, which is no moment of a guest.
Status InputReader::read_text(const std::string& path, std::string_view bytes) {
  auto text = plain_text(bytes);
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

bool holds_archive(const std::string& path) {
  const auto head = read_head(path, kHead);
  return head && is_archive(*head);
}

void InputReader::read_path(const std::string& path) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (!folder && !holds_archive(path)) return read_file_at(path);
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
