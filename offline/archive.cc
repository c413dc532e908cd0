#include "offline/archive.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "offline/archive_links.h"
#include "offline/archive_stream.h"
#include "offline/supportconfig.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kMaxDepth = 12;           // components above proc/ or sys/
constexpr std::size_t kMaxFiles = 1000;         // of a guest that are kept
constexpr std::size_t kMaxNotes = 20;           // about a guest
constexpr std::size_t kMaxGuests = 256;         // of one archive
constexpr std::size_t kMaxCandidates = 20'000;  // files that a link might lead to

constexpr std::string_view kMeminfo = "proc/meminfo";

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

struct Place {
  std::string root;  // "" or ending in "/"
  std::string path;  // below it
};

// Cuts `path` before the part that is_wanted() names: {"sosreport-web01/", "proc/meminfo"}.
std::optional<Place> split_at_root(const std::string& path) {
  std::size_t start = 0;
  for (std::size_t depth = 0; depth <= kMaxDepth; ++depth) {
    const auto rest = std::string_view(path).substr(start);
    if (is_wanted(rest)) return Place{path.substr(0, start), std::string(rest)};
    const auto slash = path.find('/', start);
    if (slash == std::string::npos) return std::nullopt;
    start = slash + 1;
  }
  return std::nullopt;
}

// Takes a file that lies loose, as in a folder of copies, for the one of its name in /proc. Files
// of NUMA nodes have such names too.
std::optional<Place> split_loose(const std::string& path) {
  if (path.find("devices/system/") != std::string::npos) return std::nullopt;
  const auto name = last_component(path);
  auto inside = fmt::format("proc/{}", name);
  if (!is_wanted(inside)) return std::nullopt;
  return Place{path.substr(0, path.size() - name.size()), std::move(inside)};
}

std::size_t depth_of(const std::string& prefix) {
  return static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '/'));
}

using Guests = std::map<std::string, GuestFiles>;  // by their prefix, "" or ending in "/"

class ArchiveReader {
 public:
  explicit ArchiveReader(const ArchiveSource& source) : source_(source) {}
  Result<GuestFiles> read();

 private:
  Status take(ArchiveStream& stream);
  Status keep(ArchiveStream& stream, const Place& place, Guests& guests);
  bool has_loose(const Place& place) const {
    const auto guest = loose_.find(place.root);
    return guest != loose_.end() && guest->second.files.contains(place.path);
  }
  Result<std::string> contents(ArchiveStream& stream);
  Result<GuestFiles> choose();
  Result<GuestFiles> choose_from(Guests& guests);
  Result<GuestFiles> salvage(const ArchiveStream& stream, const Error& damage);
  void follow_links(const std::string& root, GuestFiles& guest);
  using Needed = std::map<std::string, std::vector<std::string>>;  // entry -> paths it stands for
  Needed needed_by(const std::string& root, GuestFiles& guest) const;
  void add_candidates(const std::string& folder, const std::string& path, const GuestFiles& guest,
                      Needed& needed) const;
  void fetch(Needed needed, GuestFiles& guest);

  const ArchiveSource& source_;
  Guests guests_;
  Guests loose_;  // files that lie beside each other, without proc/ above them
  ArchiveLinks links_;
  std::set<std::string> candidates_;
  std::size_t bytes_ = 0;  // kept
  bool inner_archive_ = false;
  bool empty_meminfo_ = false;
};

Result<std::string> ArchiveReader::contents(ArchiveStream& stream) {
  auto text = stream.contents(std::min(kMaxFileBytes, kMaxGuestBytes - bytes_));
  if (text) bytes_ += text->size();
  return text;
}

Status ArchiveReader::keep(ArchiveStream& stream, const Place& place, Guests& guests) {
  if (!guests.contains(place.root) && guests.size() >= kMaxGuests) return {};
  auto& guest = guests[place.root];
  if (guest.files.size() >= kMaxFiles || guest.notes.size() >= kMaxNotes) return {};
  if (guest.files.contains(place.path)) {
    return fail(
        ErrorCode::kParse,
        fmt::format("the archive holds {}{} twice", printable(place.root), printable(place.path)),
        "unpack it and name the folder");
  }
  auto text = contents(stream);
  if (!text && text.error().code == ErrorCode::kTooLarge) {
    guest.notes.push_back(fmt::format("{} is too large, it was left out", printable(place.path)));
    return {};
  }
  if (!text) return fail(text.error());
  if (place.path == kMeminfo) guest.modified = stream.entry().modified;
  guest.files.emplace(place.path, std::move(*text));
  return {};
}

Status ArchiveReader::take(ArchiveStream& stream) {
  const auto& entry = stream.entry();
  if (!entry.symlink.empty()) links_.add_symlink(entry.path, entry.symlink);
  if (!entry.hardlink.empty()) links_.add_hardlink(entry.path, entry.hardlink);
  if (!entry.regular) return {};
  inner_archive_ =
      inner_archive_ || entry.path.ends_with(".tar.xz") || entry.path.ends_with(".tar.gz");
  if (is_wanted_name(last_component(entry.path)) && candidates_.size() < kMaxCandidates) {
    candidates_.insert(entry.path);
  }
  if (const auto place = split_at_root(entry.path)) return keep(stream, *place, guests_);
  const auto loose = split_loose(entry.path);
  if (!loose || has_loose(*loose)) return {};
  return keep(stream, *loose, loose_);
}

// Chooses one guest among all that were found. A sosreport may hold others deeper down, such as
// copies that somebody made.
Result<GuestFiles> ArchiveReader::choose_from(Guests& guests) {
  const auto nearer = [](const auto& a, const auto& b) {
    return depth_of(a.first) < depth_of(b.first);
  };
  const auto nearest = std::min_element(guests.begin(), guests.end(), nearer);
  const auto depth = depth_of(nearest->first);
  const auto rivals = std::count_if(guests.begin(), guests.end(), [depth](const auto& guest) {
    return depth_of(guest.first) == depth;
  });
  if (rivals > 1) {
    return fail(ErrorCode::kParse, fmt::format("the archive holds {} guests side by side", rivals),
                "unpack it and name the folders; those of one guest over time are a series");
  }
  follow_links(nearest->first, nearest->second);
  return std::move(nearest->second);
}

Result<GuestFiles> ArchiveReader::choose() {
  for (auto* guests : {&guests_, &loose_}) {
    for (auto& [root, guest] : *guests) expand_supportconfig(guest);
    std::erase_if(*guests, [this](const auto& guest) {
      const auto meminfo = guest.second.files.find(kMeminfo);
      const bool there = meminfo != guest.second.files.end();
      if (there && trim(meminfo->second).empty()) empty_meminfo_ = true;
      return !there || trim(meminfo->second).empty();
    });
    if (!guests->empty()) return choose_from(*guests);
  }
  if (empty_meminfo_) {
    return fail(ErrorCode::kParse,
                "the archive's proc/meminfo is empty: tar takes files of a live "
                "/proc by their size, which is 0",
                "copy the files first (cp /proc/meminfo …), then pack the copies");
  }
  return fail(ErrorCode::kNotFound,
              "the archive has no proc/meminfo: it is no sosreport of a guest",
              inner_archive_ ? "there are archives inside; unpack it and name those" : "");
}

// In a sosreport proc/net is a link to self/net, and proc/self one to the PID of sos. A link stands
// for what it leads to, where that is in the archive too.
void ArchiveReader::follow_links(const std::string& root, GuestFiles& guest) {
  auto needed = needed_by(root, guest);
  if (!needed.empty()) fetch(std::move(needed), guest);
}

ArchiveReader::Needed ArchiveReader::needed_by(const std::string& root, GuestFiles& guest) const {
  Needed needed;
  for (auto link = links_.all().lower_bound(root);
       link != links_.all().end() && link->first.starts_with(root); ++link) {
    const auto path = link->first.substr(root.size());
    const bool file = is_wanted(path);
    if (guest.files.contains(path) || (!file && !leads_to_wanted(path))) continue;
    const auto target = links_.resolve(link->first);
    if (target && file && candidates_.size() + needed.size() < 2 * kMaxCandidates) {
      needed[*target].push_back(path);
    } else if (target) {
      add_candidates(*target + "/", path, guest, needed);
    } else if (file && guest.notes.size() < kMaxNotes) {
      guest.notes.push_back(fmt::format(
          "{} is a link out of the archive, or to nothing, and was not followed", printable(path)));
    }
  }
  return needed;
}

// Finds the files below a folder that a link `path` leads to.
void ArchiveReader::add_candidates(const std::string& folder, const std::string& path,
                                   const GuestFiles& guest, Needed& needed) const {
  for (auto file = candidates_.lower_bound(folder);
       file != candidates_.end() && file->starts_with(folder); ++file) {
    auto stands_for = fmt::format("{}/{}", path, file->substr(folder.size()));
    if (is_wanted(stands_for) && !guest.files.contains(stands_for)) {
      needed[*file].push_back(std::move(stands_for));
    }
  }
}

// Goes through the archive once more, up to the last of the files that are needed.
void ArchiveReader::fetch(Needed needed, GuestFiles& guest) {
  ArchiveStream stream(source_, ArchiveForm::kTar);
  for (auto more = stream.next(); more && *more && !needed.empty(); more = stream.next()) {
    const auto wanted = needed.find(stream.entry().path);
    if (wanted == needed.end() || !stream.entry().regular) continue;
    const auto text = contents(stream);
    if (!text && text.error().code != ErrorCode::kTooLarge) break;
    for (const auto& path : wanted->second) {
      if (guest.files.size() >= kMaxFiles) break;
      if (text && text->size() <= kMaxGuestBytes - bytes_) guest.files.emplace(path, *text);
      if (text) bytes_ += std::min(text->size(), kMaxGuestBytes - bytes_);
    }
    needed.erase(wanted);
  }
  for (const auto& [entry, paths] : needed) {
    if (guest.notes.size() >= kMaxNotes) break;
    guest.notes.push_back(fmt::format("{} is a link to {}, which is not in the archive",
                                      printable(paths.front()), printable(entry)));
  }
}

// What was read before the damage is worth having, if a note says that it is incomplete.
Result<GuestFiles> ArchiveReader::salvage(const ArchiveStream& stream, const Error& damage) {
  if (!stream.damaged()) return fail(damage);
  auto guest = choose();
  if (!guest) return fail(damage);
  guest->notes.push_back(damage.message + "; what came before the damage was used");
  guest->cut_off = true;
  return guest;
}

Result<GuestFiles> ArchiveReader::read() {
  ArchiveStream stream(source_, ArchiveForm::kTar);
  for (;;) {
    const auto more = stream.next();
    if (!more) return salvage(stream, more.error());
    if (!*more) return choose();
    if (auto done = take(stream); !done) return salvage(stream, done.error());
  }
}

}  // namespace

bool is_archive(std::string_view head) {
  constexpr std::array<std::string_view, 4> kCompressed = {std::string_view("\x1f\x8b", 2),
                                                           std::string_view("\xfd"
                                                                            "7zXZ\0",
                                                                            6),
                                                           std::string_view("BZh", 3),
                                                           std::string_view("\x28\xb5\x2f\xfd", 4)};
  const bool compressed = std::any_of(kCompressed.begin(), kCompressed.end(),
                                      [head](auto magic) { return head.starts_with(magic); });
  constexpr std::size_t kTarMagic = 257;
  return compressed || (head.size() > kTarMagic && head.substr(kTarMagic).starts_with("ustar"));
}

Result<GuestFiles> read_archive(const ArchiveSource& source) {
  return ArchiveReader(source).read();
}

Result<GuestFiles> read_archive(const std::filesystem::path& file) {
  return read_archive(ArchiveSource{file, {}});
}

Result<GuestFiles> read_archive_bytes(std::string_view bytes) {
  return read_archive(ArchiveSource{{}, bytes});
}

Result<std::optional<std::string>> read_single(const ArchiveSource& source) {
  ArchiveStream tar(source, ArchiveForm::kTar);
  if (tar.next()) return std::nullopt;
  ArchiveStream stream(source, ArchiveForm::kSingle);
  const auto more = stream.next();
  if (!more) return fail(more.error());
  if (!*more) return std::string();
  auto text = stream.contents(kMaxFileBytes);
  if (!text) return fail(text.error());
  return std::move(*text);
}

Result<std::vector<LooseFile>> read_loose(const ArchiveSource& source) {
  constexpr std::size_t kMaxLoose = 64;
  std::vector<LooseFile> files;
  std::size_t bytes = 0;
  std::size_t tried = 0;
  ArchiveStream stream(source, ArchiveForm::kTar);
  while (tried < kMaxLoose) {
    const auto more = stream.next();
    if (!more) return fail(more.error());
    if (!*more) break;
    if (!stream.entry().regular) continue;
    ++tried;
    auto text = stream.contents(std::min(kMaxFileBytes, kMaxGuestBytes - bytes));
    if (!text && text.error().code == ErrorCode::kTooLarge) continue;
    if (!text) return fail(text.error());
    bytes += text->size();
    files.push_back({stream.entry().path, std::move(*text)});
  }
  std::sort(files.begin(), files.end(),
            [](const LooseFile& a, const LooseFile& b) { return a.name < b.name; });
  return files;
}

}  // namespace ballast::offline
