#include "tests/offline/tar_builder.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace ballast::test {

namespace {

la_ssize_t append(archive* /*writer*/, void* out, const void* bytes, size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void add_filter(archive* writer, TarFilter filter) {
  switch (filter) {
    case TarFilter::kNone:
      archive_write_add_filter_none(writer);
      break;
    case TarFilter::kGzip:
      archive_write_add_filter_gzip(writer);
      break;
    case TarFilter::kBzip2:
      archive_write_add_filter_bzip2(writer);
      break;
    case TarFilter::kXz:
      archive_write_add_filter_xz(writer);
      break;
    case TarFilter::kZstd:
      archive_write_add_filter_zstd(writer);
      break;
  }
}

void check(archive* writer, la_ssize_t result) {
  if (result < ARCHIVE_OK) throw std::runtime_error(archive_error_string(writer));
}

void write_zeros(archive* writer, std::int64_t bytes) {
  const std::string zeros(1 << 20, '\0');
  while (bytes > 0) {
    const auto piece = std::min<std::int64_t>(bytes, static_cast<std::int64_t>(zeros.size()));
    check(writer, archive_write_data(writer, zeros.data(), static_cast<std::size_t>(piece)));
    bytes -= piece;
  }
}

void write_entry(archive* writer, const TarEntry& entry, std::int64_t mtime) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> header(archive_entry_new(),
                                                                        archive_entry_free);
  archive_entry_set_pathname(header.get(), entry.path.c_str());
  archive_entry_set_mtime(header.get(), mtime, 0);
  archive_entry_set_perm(header.get(), 0644);
  archive_entry_set_filetype(header.get(), entry.symlink.empty() ? AE_IFREG : AE_IFLNK);
  if (!entry.symlink.empty()) archive_entry_set_symlink(header.get(), entry.symlink.c_str());
  if (!entry.hardlink.empty()) archive_entry_set_hardlink(header.get(), entry.hardlink.c_str());
  archive_entry_set_size(header.get(), static_cast<std::int64_t>(entry.text.size()) + entry.zeros);
  check(writer, archive_write_header(writer, header.get()));
  check(writer, archive_write_data(writer, entry.text.data(), entry.text.size()));
  write_zeros(writer, entry.zeros);
}

}  // namespace

namespace {

using SetFormat = int (*)(archive*);

std::string make(const std::vector<TarEntry>& entries, TarFilter filter, std::int64_t mtime,
                 SetFormat set_format) {
  std::string bytes;
  const std::unique_ptr<archive, int (*)(archive*)> writer(archive_write_new(), archive_write_free);
  set_format(writer.get());
  add_filter(writer.get(), filter);
  archive_write_set_bytes_in_last_block(writer.get(), 1);  // no padding behind a compressed stream
  check(writer.get(), archive_write_open(writer.get(), &bytes, nullptr, append, nullptr));
  for (const auto& entry : entries) write_entry(writer.get(), entry, mtime);
  check(writer.get(), archive_write_close(writer.get()));
  return bytes;
}

}  // namespace

std::string make_tar(const std::vector<TarEntry>& entries, TarFilter filter, std::int64_t mtime) {
  return make(entries, filter, mtime, archive_write_set_format_pax_restricted);
}

std::string compress(const std::string& text, TarFilter filter) {
  return make({{"text", text, "", "", 0}}, filter, 0, archive_write_set_format_raw);
}

}  // namespace ballast::test
