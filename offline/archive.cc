#include "offline/archive.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::int64_t kMaxEntries = 2'000'000;
constexpr std::size_t kMaxPath = 4096;
constexpr std::size_t kMaxDepth = 12;    // components above proc/ or sys/
constexpr std::size_t kMaxFiles = 1000;  // of a guest that are kept
constexpr std::size_t kMaxNotes = 20;    // about a guest
constexpr std::size_t kMaxGuests = 64;   // of one archive
// More than this much out of so little is not a sosreport: the logs of a busy server compress to a
// fiftieth, zeros to a thousandth.
constexpr std::int64_t kBombBytes = std::int64_t{2} * 1024 * 1024 * 1024;
constexpr std::int64_t kBombRatio = 300;

constexpr std::string_view kMeminfo = "proc/meminfo";

struct Closer {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Handle = std::unique_ptr<archive, Closer>;

Handle new_reader() {
  Handle handle(archive_read_new());
  archive_read_support_format_tar(handle.get());
  archive_read_support_format_gnutar(handle.get());
  archive_read_support_filter_gzip(handle.get());
  archive_read_support_filter_bzip2(handle.get());
  archive_read_support_filter_xz(handle.get());
  archive_read_support_filter_lzma(handle.get());
  archive_read_support_filter_zstd(handle.get());
  return handle;
}

std::string reason_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? "it cannot be read" : printable(text, 200);
}

// Returns `path` without "./" and "/" in front and without empty components; empty if it has a
// "..".
std::optional<std::string> plain(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto component = path.substr(0, slash);
    if (component == "..") return std::nullopt;
    if (!component.empty() && component != ".") {
      if (!out.empty()) out += '/';
      out += component;
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return out;
}

// Cuts `path` before the part that is_wanted() names: {"sosreport-web01/", "proc/meminfo"}.
std::optional<std::pair<std::string, std::string>> split_at_root(const std::string& path) {
  std::size_t start = 0;
  for (std::size_t depth = 0; depth <= kMaxDepth; ++depth) {
    const auto rest = std::string_view(path).substr(start);
    // All patterns begin with one of these, and matching patterns is not free.
    const bool may_be =
        rest.starts_with("proc/") || rest.starts_with("sys/") || rest.starts_with("sos_commands/");
    if (may_be && is_wanted(rest)) return std::pair{path.substr(0, start), std::string(rest)};
    const auto slash = path.find('/', start);
    if (slash == std::string::npos) return std::nullopt;
    start = slash + 1;
  }
  return std::nullopt;
}

// Returns the time if a guest may have had it: a damaged or hostile header may say anything.
std::optional<UtcTime> plausible_time(std::int64_t unix_seconds) {
  constexpr std::int64_t kYear1990 = 631152000;
  constexpr std::int64_t kYear2100 = 4102444800;
  if (unix_seconds < kYear1990 || unix_seconds > kYear2100) return std::nullopt;
  return UtcTime(std::chrono::seconds(unix_seconds));
}

std::size_t depth_of(const std::string& prefix) {
  return static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '/'));
}

class ArchiveReader {
 public:
  explicit ArchiveReader(Handle handle) : handle_(std::move(handle)) {}
  // `opened` is what opening the archive returned.
  Result<GuestFiles> read(int opened);

 private:
  Status read_entry(archive_entry* entry);
  Status keep(archive_entry* entry, const std::string& root, const std::string& path);
  Status skip_entry();
  Status check_size() const;
  Result<std::string> contents(const std::string& path);
  Result<GuestFiles> choose();
  Result<GuestFiles> salvage(const Error& damage);
  tl::unexpected<Error> damaged() {
    damaged_ = true;
    const auto words = reason_of(handle_.get());
    const bool no_tar = words.find("nrecognized archive format") != std::string::npos;
    return fail(ErrorCode::kParse, fmt::format("the archive cannot be read: {}", words),
                no_tar ? "if it is a single compressed file, unpack it first"
                       : "check that it was copied as a whole");
  }

  Handle handle_;
  std::map<std::string, GuestFiles> guests_;  // by their prefix, "" or ending in "/"
  std::size_t bytes_ = 0;                     // kept
  bool inner_archive_ = false;
  bool empty_meminfo_ = false;
  bool damaged_ = false;
};

Status ArchiveReader::check_size() const {
  const auto in = archive_filter_bytes(handle_.get(), -1);
  const auto out = archive_filter_bytes(handle_.get(), 0);
  if (out <= kBombBytes || out / kBombRatio <= in) return {};
  return fail(ErrorCode::kTooLarge,
              fmt::format("the archive unpacks to over {} out of {}, which no sosreport does",
                          format_size(out / 1024), format_size(in / 1024)),
              "if you trust it, unpack it and name the folder");
}

Result<std::string> ArchiveReader::contents(const std::string& path) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto got = archive_read_data(handle_.get(), buffer.data(), buffer.size());
    if (got < 0) return damaged();
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes || bytes_ + text.size() > kMaxGuestBytes) {
      return fail(ErrorCode::kTooLarge, fmt::format("{} is too large", printable(path)));
    }
  }
}

Status ArchiveReader::keep(archive_entry* entry, const std::string& root, const std::string& path) {
  if (!guests_.contains(root) && guests_.size() >= kMaxGuests) return {};
  auto& guest = guests_[root];
  if (guest.files.size() >= kMaxFiles || guest.notes.size() >= kMaxNotes) return {};
  const bool link =
      archive_entry_hardlink(entry) != nullptr || archive_entry_filetype(entry) == AE_IFLNK;
  if (link) {
    guest.notes.push_back(fmt::format("{} is a link, and was not followed", printable(path)));
    return {};
  }
  if (archive_entry_filetype(entry) != AE_IFREG) return {};
  if (guest.files.contains(path)) {
    return fail(ErrorCode::kParse,
                fmt::format("the archive holds {}{} twice", printable(root), printable(path)),
                "unpack it and name the folder");
  }
  auto text = contents(path);
  if (!text && text.error().code == ErrorCode::kTooLarge) {
    guest.notes.push_back(text.error().message + ", it was left out");
    return {};
  }
  if (!text) return fail(text.error());
  bytes_ += text->size();
  if (path == kMeminfo && archive_entry_mtime_is_set(entry) != 0) {
    guest.modified = plausible_time(archive_entry_mtime(entry));
  }
  guest.files.emplace(path, std::move(*text));
  return {};
}

Status ArchiveReader::read_entry(archive_entry* entry) {
  const char* raw = archive_entry_pathname(entry);
  const std::string_view name = raw == nullptr ? std::string_view() : std::string_view(raw);
  if (name.size() > kMaxPath) return {};
  const auto path = plain(name);
  if (!path) {
    return fail(ErrorCode::kParse,
                fmt::format("the archive holds a path that leaves it: {}", printable(name, 200)),
                "do not unpack it; ask where it comes from");
  }
  inner_archive_ = inner_archive_ || path->ends_with(".tar.xz") || path->ends_with(".tar.gz");
  const auto place = split_at_root(*path);
  return place ? keep(entry, place->first, place->second) : Status{};
}

// Skips the rest of the entry. Sparse files and long logs are read in pieces, so that a bomb is
// noticed while it is still inside one.
Status ArchiveReader::skip_entry() {
  for (;;) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int got = archive_read_data_block(handle_.get(), &data, &size, &offset);
    if (got == ARCHIVE_EOF) return {};
    if (got < ARCHIVE_WARN) return damaged();
    if (auto fine = check_size(); !fine) return fine;
  }
}

// Chooses one guest among all that were found. A sosreport may hold others deeper down, such as
// copies that somebody made.
Result<GuestFiles> ArchiveReader::choose() {
  std::erase_if(guests_, [this](const auto& guest) {
    const auto meminfo = guest.second.files.find(kMeminfo);
    const bool there = meminfo != guest.second.files.end();
    if (there && trim(meminfo->second).empty()) empty_meminfo_ = true;
    return !there || trim(meminfo->second).empty();
  });
  if (guests_.empty() && empty_meminfo_) {
    return fail(ErrorCode::kParse,
                "the archive's proc/meminfo is empty: tar takes files of a live "
                "/proc by their size, which is 0",
                "copy the files first (cp /proc/meminfo …), then pack the copies");
  }
  if (guests_.empty()) {
    return fail(ErrorCode::kParse, "the archive has no proc/meminfo: it is no sosreport of a guest",
                inner_archive_ ? "there are archives inside; unpack it and name those" : "");
  }
  const auto nearer = [](const auto& a, const auto& b) {
    return depth_of(a.first) < depth_of(b.first);
  };
  const auto nearest = std::min_element(guests_.begin(), guests_.end(), nearer);
  const auto depth = depth_of(nearest->first);
  const auto rivals = std::count_if(guests_.begin(), guests_.end(), [depth](const auto& guest) {
    return depth_of(guest.first) == depth;
  });
  if (rivals > 1) {
    return fail(ErrorCode::kParse, fmt::format("the archive holds {} guests side by side", rivals),
                "unpack it and name the folders; those of one guest over time are a series");
  }
  return std::move(nearest->second);
}

// What was read before the damage is worth having, if a note says that it is incomplete.
Result<GuestFiles> ArchiveReader::salvage(const Error& damage) {
  auto guest = choose();
  if (!guest || !damaged_) return fail(damage);
  guest->notes.push_back(damage.message + "; what came before the damage was used");
  guest->cut_off = true;
  return guest;
}

Result<GuestFiles> ArchiveReader::read(int opened) {
  if (opened < ARCHIVE_WARN) return damaged();
  for (std::int64_t entries = 0;; ++entries) {
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(handle_.get(), &entry);
    if (got == ARCHIVE_EOF) return choose();
    if (got < ARCHIVE_WARN) return salvage(damaged().value());
    if (entries >= kMaxEntries) {
      return fail(ErrorCode::kTooLarge, "the archive has more entries than any sosreport",
                  "if you trust it, unpack it and name the folder");
    }
    if (auto done = read_entry(entry); !done) return salvage(done.error());
    if (auto done = skip_entry(); !done) return salvage(done.error());
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

Result<GuestFiles> read_archive(const std::filesystem::path& file) {
  auto handle = new_reader();
  const int opened = archive_read_open_filename(handle.get(), file.c_str(), kBlock);
  return ArchiveReader(std::move(handle)).read(opened);
}

Result<GuestFiles> read_archive_bytes(std::string_view bytes) {
  auto handle = new_reader();
  const int opened = archive_read_open_memory(handle.get(), bytes.data(), bytes.size());
  return ArchiveReader(std::move(handle)).read(opened);
}

}  // namespace ballast::offline
