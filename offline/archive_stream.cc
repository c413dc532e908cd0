#include "offline/archive_stream.h"

#include <array>
#include <chrono>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "offline/archive_links.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::int64_t kMaxEntries = 2'000'000;
constexpr std::size_t kMaxPath = 4096;
// More than this much out of so little is not a sosreport: the logs of a busy server compress to a
// fiftieth, zeros to a thousandth.
constexpr std::int64_t kBombBytes = std::int64_t{2} * 1024 * 1024 * 1024;
constexpr std::int64_t kBombRatio = 300;

archive* new_reader(ArchiveForm form) {
  archive* handle = archive_read_new();
  if (form == ArchiveForm::kSingle) {
    archive_read_support_format_raw(handle);
    archive_read_support_format_empty(handle);
  } else {
    archive_read_support_format_tar(handle);
    archive_read_support_format_gnutar(handle);
  }
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_bzip2(handle);
  archive_read_support_filter_xz(handle);
  archive_read_support_filter_lzma(handle);
  archive_read_support_filter_zstd(handle);
  return handle;
}

int open(archive* handle, const ArchiveSource& source) {
  if (!source.file.empty()) {
    return archive_read_open_filename(handle, source.file.c_str(), kBlock);
  }
  return archive_read_open_memory(handle, source.bytes.data(), source.bytes.size());
}

std::string reason_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? "it cannot be read" : printable(text, 200);
}

std::string_view text_or_empty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

constexpr std::string_view kOutside = "/";

// Returns where a link leads; one that is too long to be followed leads out of the archive.
std::string target_of(const char* raw) {
  const auto target = text_or_empty(raw);
  return std::string(target.size() > kMaxPath ? kOutside : target);
}

tl::unexpected<Error> bomb(std::int64_t out, std::int64_t in) {
  return fail(ErrorCode::kTooLarge,
              fmt::format("the archive unpacks to over {} out of {}, which no sosreport does",
                          format_size(out / 1024), format_size(in / 1024)),
              "if you trust it, unpack it and name the folder");
}

// Returns the time if a guest may have had it: a damaged or hostile header may say anything.
std::optional<UtcTime> plausible_time(std::int64_t unix_seconds) {
  constexpr std::int64_t kYear1990 = 631152000;
  constexpr std::int64_t kYear2100 = 4102444800;
  if (unix_seconds < kYear1990 || unix_seconds > kYear2100) return std::nullopt;
  return UtcTime(std::chrono::seconds(unix_seconds));
}

}  // namespace

void ArchiveStream::Closer::operator()(archive* handle) const { archive_read_free(handle); }

ArchiveStream::ArchiveStream(const ArchiveSource& source, ArchiveForm form)
    : handle_(new_reader(form)), opened_(open(handle_.get(), source)) {}

tl::unexpected<Error> ArchiveStream::damage() {
  damaged_ = true;
  const auto words = reason_of(handle_.get());
  return fail(ErrorCode::kParse, fmt::format("the archive cannot be read: {}", words),
              "check that it was copied as a whole");
}

Status ArchiveStream::check_size() const {
  const auto in = archive_filter_bytes(handle_.get(), -1);
  const auto out = archive_filter_bytes(handle_.get(), 0);
  if (out <= kBombBytes || out / kBombRatio <= in) return {};
  return bomb(out, in);
}

// Sparse files and long logs are read in pieces, so that a bomb is noticed while it is still inside
// one.
Status ArchiveStream::skip_rest() {
  while (inside_) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int got = archive_read_data_block(handle_.get(), &data, &size, &offset);
    if (got == ARCHIVE_EOF) inside_ = false;
    if (got < ARCHIVE_WARN) return damage();
    if (auto fine = check_size(); !fine) return fine;
  }
  return {};
}

Status ArchiveStream::take(archive_entry* raw) {
  entry_ = {};
  const auto name = text_or_empty(archive_entry_pathname(raw));
  if (name.size() > kMaxPath) return {};
  auto path = plain_path(name);
  if (!path) {
    return fail(ErrorCode::kParse,
                fmt::format("the archive holds a path that leaves it: {}", printable(name, 200)),
                "do not unpack it; ask where it comes from");
  }
  entry_.path = std::move(*path);
  entry_.symlink = target_of(archive_entry_symlink(raw));
  const auto hardlink = text_or_empty(archive_entry_hardlink(raw));
  entry_.hardlink = plain_path(target_of(archive_entry_hardlink(raw))).value_or("");
  // One that leaves the archive is like a symbolic link that does.
  if (!hardlink.empty() && entry_.hardlink.empty()) entry_.symlink = kOutside;
  const bool link = !hardlink.empty() || !entry_.symlink.empty();
  entry_.regular = !link && archive_entry_filetype(raw) == AE_IFREG;
  if (archive_entry_mtime_is_set(raw) != 0) {
    entry_.modified = plausible_time(archive_entry_mtime(raw));
  }
  return {};
}

Result<bool> ArchiveStream::next() {
  if (opened_ < ARCHIVE_WARN) return damage();
  if (auto skipped = skip_rest(); !skipped) return fail(skipped.error());
  archive_entry* raw = nullptr;
  const int got = archive_read_next_header(handle_.get(), &raw);
  if (got == ARCHIVE_EOF) return false;
  if (got < ARCHIVE_WARN) return damage();
  if (entries_++ >= kMaxEntries) {
    return fail(ErrorCode::kTooLarge, "the archive has more entries than any sosreport",
                "if you trust it, unpack it and name the folder");
  }
  inside_ = true;
  if (auto taken = take(raw); !taken) return fail(taken.error());
  return true;
}

Result<std::string> ArchiveStream::contents(std::size_t limit) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto got = archive_read_data(handle_.get(), buffer.data(), buffer.size());
    if (got < 0) return damage();
    if (got == 0) break;
    // Holes of sparse files are in no byte of the archive.
    expanded_ += got;
    const auto in = archive_filter_bytes(handle_.get(), -1);
    if (expanded_ > kBombBytes && expanded_ / kBombRatio > in) return bomb(expanded_, in);
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > limit) {
      return fail(ErrorCode::kTooLarge, fmt::format("{} is too large", printable(entry_.path)));
    }
  }
  inside_ = false;
  return text;
}

}  // namespace ballast::offline
