#include "offline/loose_texts.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/account/account.h"
#include "offline/assemble.h"

namespace ballast::offline {

namespace {

// They say nothing that an account needs, and may come as often as they like.
bool is_unused(TextKind kind) {
  return kind == TextKind::kBuddyinfo || kind == TextKind::kNodeMeminfo ||
         kind == TextKind::kZoneLines;
}

constexpr std::array<std::string_view, 6> kOtherStats = {"memres", "memlimit", "swap",
                                                         "cpu",    "speed",    "mapped"};

std::string place_of(const Piece& piece) {
  return piece.kind == TextKind::kGuestFile ? piece.path : std::string(path_of(piece.kind));
}

// balloon_inflate alone is what was ever taken, not what is held.
bool has_half_of_balloon(const std::string& vmstat) {
  const bool inflate = vmstat.find("balloon_inflate ") != std::string::npos;
  const bool deflate = vmstat.find("balloon_deflate ") != std::string::npos;
  return inflate != deflate;
}

// In the old form both figures have the word; a text that ends before it may have cut the number.
bool is_cut_status(const std::string& vmmemctl) {
  bool target = false;
  bool current = false;
  for (const auto line : split_lines(vmmemctl)) {
    const bool pages = line.find(" pages") != std::string_view::npos;
    if (!pages) continue;
    target = target || trim(line).starts_with("target");
    current = current || trim(line).starts_with("current");
  }
  return target && !current;
}

// `vmware-toolbox-cmd stat` prints many sizes in one form; the name of the file may tell which.
bool is_named_otherwise(const std::string& source) {
  const auto name = source.substr(source.rfind('/') + 1);
  return std::any_of(kOtherStats.begin(), kOtherStats.end(), [&name](std::string_view other) {
    return name.find(other) != std::string::npos;
  });
}

std::optional<Error> what_is_wrong(const std::string& source, const Piece& piece) {
  if (piece.refusal) return piece.refusal;
  const bool guessed = piece.kind == TextKind::kToolboxBalloon && piece.command.empty();
  if (guessed && is_named_otherwise(source)) {
    return Error{ErrorCode::kParse, "it is named after another figure than the balloon",
                 "give the answer of vmware-toolbox-cmd stat balloon", ""};
  }
  if (piece.kind == TextKind::kVmstat && has_half_of_balloon(piece.text)) {
    return Error{ErrorCode::kParse,
                 "vmstat: one of balloon_inflate and balloon_deflate is missing: one alone says "
                 "nothing",
                 "give both lines, or all of /proc/vmstat", ""};
  }
  if (piece.kind == TextKind::kVmmemctl && is_cut_status(piece.text)) {
    return Error{ErrorCode::kParse, "vmmemctl: it was cut inside the line of current",
                 "give all of it", ""};
  }
  if (piece.kind == TextKind::kZoneinfo && piece.text.find("cpu:") == std::string::npos) {
    return Error{ErrorCode::kParse, "zoneinfo: its lists of single CPUs are missing",
                 "give all of /proc/zoneinfo", ""};
  }
  return std::nullopt;
}

bool tells_balloon(const model::GuestReading& reading) {
  const auto inflated = reading.vmstat.find("balloon_inflate");
  return reading.balloon.current_kib || reading.host_balloon_kib ||
         (inflated != reading.vmstat.end() && inflated->second > 0);
}

}  // namespace

bool LooseMoment::may_add(const Piece& piece) const {
  if (!begun_) return true;
  if (!piece.moment.empty() && !name_.empty() && piece.moment != name_) return false;
  if (is_unused(piece.kind) || piece.kind == TextKind::kOtherTool ||
      piece.kind == TextKind::kBootLog || piece.kind == TextKind::kVersion) {
    return true;
  }
  const auto place = place_of(piece);
  if (refused_.contains(place)) return false;
  const auto found = files_.files.find(place);
  return found == files_.files.end() || found->second == piece.text;
}

void LooseMoment::add_notes(const std::vector<std::string>& notes) {
  notes_.insert(notes_.end(), notes.begin(), notes.end());
}

void LooseMoment::add_tool(const Piece& piece) {
  auto figures = model::read_other_tool(piece.text, piece.command);
  const auto same = [&figures](const auto& known) { return known.tool == figures.tool; };
  if (std::any_of(tools_.begin(), tools_.end(), same)) return;
  tools_.push_back(std::move(figures));
}

void LooseMoment::add_unused(const std::string& source, const Piece& piece) {
  auto note = fmt::format("{}: {}, which is no zoneinfo, was not used", printable(source),
                          name_of(piece.kind));
  if (std::find(notes_.begin(), notes_.end(), note) != notes_.end()) return;
  unused_.emplace_back(fmt::format("this is {}, no zoneinfo", name_of(piece.kind)));
  notes_.push_back(std::move(note));
}

void LooseMoment::add(const std::string& source, Piece piece) {
  begun_ = true;
  if (name_.empty()) name_ = piece.moment;
  if (std::find(sources_.begin(), sources_.end(), source) == sources_.end()) {
    sources_.push_back(source);
  }
  if (is_unused(piece.kind)) return add_unused(source, piece);
  if (piece.kind == TextKind::kOtherTool) return add_tool(piece);
  if (auto wrong = what_is_wrong(source, piece)) {
    refused_.insert(place_of(piece));
    refusals_.push_back(during(std::move(*wrong), printable(source)));
    return;
  }
  if (piece.kind == TextKind::kToolboxBalloon && piece.command.empty()) {
    notes_.push_back(
        fmt::format("{}: '{}' was taken as the answer of vmware-toolbox-cmd stat "
                    "balloon",
                    printable(source), printable(trim(piece.text), 40)));
  }
  auto& text = files_.files[place_of(piece)];
  if (piece.kind == TextKind::kBootLog) {
    text += piece.text;
  } else if (text.empty()) {
    text = std::move(piece.text);
  }
}

Error LooseMoment::why_nothing() const {
  if (!refusals_.empty()) return refusals_.front();
  const auto what = unused_.empty() ? std::string() : unused_.front() + ", and ";
  return during({ErrorCode::kParse, what + "there is no meminfo with it",
                 "name a copy of /proc/meminfo too", ""},
                printable(sources_.front()));
}

Result<OfflineSample> LooseMoment::finish() {
  OfflineSample sample;
  if (!name_.empty()) files_.files.emplace("sos_commands/date/date", name_);
  sample.reading = assemble(files_);
  sample.taken_at = taken_at(files_);
  sample.tools = std::move(tools_);
  const bool useful = has_meminfo() || tells_balloon(sample.reading) || !sample.tools.empty();
  if (!useful) return fail(why_nothing());
  for (const auto& refusal : refusals_) notes_.push_back(refusal.sentence());
  sample.notes = std::move(notes_);
  sample.sources = std::move(sources_);
  sample.moment = name_;
  return sample;
}

LooseMoment& LooseTexts::moment_for(const Piece& piece) {
  if (!piece.moment.empty()) {
    const auto named =
        std::find_if(moments_.begin(), moments_.end(), [&piece](const LooseMoment& moment) {
          return moment.name() == piece.moment && moment.may_add(piece);
        });
    if (named != moments_.end()) return *named;
  }
  const bool fits = !moments_.empty() && moments_.back().may_add(piece);
  return fits ? moments_.back() : begin_moment();
}

LooseMoment& LooseTexts::begin_moment() {
  auto& moment = moments_.emplace_back();
  if (next_date_) moment.add(next_date_->source, std::move(next_date_->piece));
  next_date_.reset();
  return moment;
}

void LooseTexts::add_piece(const std::string& source, Piece piece) {
  const bool later =
      piece.kind == TextKind::kDate && !moments_.empty() && !moments_.back().may_add(piece);
  if (later) {
    next_date_ = Date{source, std::move(piece)};
    return;
  }
  moment_for(piece).add(source, std::move(piece));
}

void LooseTexts::add(const std::string& source, Session session) {
  for (auto& piece : session.pieces) add_piece(source, std::move(piece));
  for (auto& note : session.notes) note = fmt::format("{}: {}", printable(source), note);
  moments_.back().add_notes(session.notes);
}

namespace {

// Tells whether the sample is of a meminfo that somebody printed only a part of, beside a whole one
// in the same text.
bool is_partial(const OfflineSample& sample, const std::vector<OfflineSample>& all) {
  if (model::account_memory(sample.reading)) return false;
  return std::any_of(all.begin(), all.end(), [&sample](const OfflineSample& other) {
    return other.sources == sample.sources && model::account_memory(other.reading);
  });
}

// Names each moment of one text by its own heading, or by its number.
void tell_apart(std::vector<OfflineSample>& samples) {
  std::map<std::string, int> seen;
  for (auto& sample : samples) ++seen[sample.sources.front()];
  std::map<std::string, int> numbers;
  for (auto& sample : samples) {
    auto& source = sample.sources.front();
    if (seen[source] < 2) continue;
    const int number = ++numbers[source];
    source = sample.moment.empty() ? fmt::format("{}: moment {}", source, number)
                                   : fmt::format("{}: {}", source, sample.moment);
  }
}

}  // namespace

void LooseTexts::finish(Inputs& inputs) {
  const bool any_meminfo = std::any_of(moments_.begin(), moments_.end(),
                                       [](const auto& moment) { return moment.has_meminfo(); });
  std::vector<OfflineSample> samples;
  for (auto& moment : moments_) {
    const auto source = printable(moment.sources().front());
    const bool alone = any_meminfo && !moment.has_meminfo() && !moment.has_bad_meminfo();
    const bool bad = moment.has_bad_meminfo();
    auto sample = moment.finish();
    if (alone) {
      inputs.notes.push_back(fmt::format(
          "{}: a part of it belongs to a moment without meminfo, and was left out", source));
    } else if (sample) {
      samples.push_back(std::move(*sample));
    } else if (inputs.failures.empty() ||
               inputs.failures.back().message != sample.error().message) {
      inputs.failures.push_back(sample.error());
      inputs.lost_a_moment = inputs.lost_a_moment || bad;
    }
  }
  moments_.clear();
  next_date_.reset();
  const auto first = std::stable_partition(
      samples.begin(), samples.end(),
      [all = samples](const OfflineSample& sample) { return !is_partial(sample, all); });
  for (auto partial = first; partial != samples.end(); ++partial) {
    inputs.notes.push_back(fmt::format("{}: a meminfo that is not whole was left out",
                                       printable(partial->sources.front())));
  }
  samples.erase(first, samples.end());
  tell_apart(samples);
  std::move(samples.begin(), samples.end(), std::back_inserter(inputs.samples));
}

}  // namespace ballast::offline
