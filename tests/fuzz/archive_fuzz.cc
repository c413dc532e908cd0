// A tar archive of any compression, through to the account: what `ballast inspect` does with a
// sosreport that somebody sent.
#include "offline/archive.h"
#include "offline/assemble.h"
#include "tests/fuzz/account_properties.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

void check_files(const offline::GuestFiles& guest) {
  std::size_t bytes = 0;
  for (const auto& [path, text] : guest.files) {
    require(offline::is_wanted(path), "only wanted files are kept");
    require(path.find("..") == std::string::npos || path.find("/../") == std::string::npos,
            "no path leaves the archive");
    require(text.size() <= offline::kMaxFileBytes, "a file is bounded");
    bytes += text.size();
  }
  require(bytes <= offline::kMaxGuestBytes, "all files together are bounded");
  require(guest.files.contains("proc/meminfo"), "an archive without a guest is refused");
  for (const auto& note : guest.notes) require_printable(note, "a note can be shown");
}

void check_archive(std::string_view bytes) {
  const auto guest = offline::read_archive_bytes(bytes);
  if (!guest) {
    auto error = guest.error();
    // An archive of other things is no fault of its form.
    if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kParse;
    return require_presentable(error);
  }
  check_files(*guest);
  (void)offline::taken_at(*guest);
  check_account_and_verdicts(offline::assemble(*guest));
}

// One compressed file, and an archive whose files have to tell what they are.
void check_others(std::string_view bytes) {
  const auto single = offline::read_single({{}, bytes});
  if (!single) require_presentable(single.error());
  if (single && *single) require((*single)->size() <= offline::kMaxFileBytes, "it is bounded");
  const auto files = offline::read_loose({{}, bytes});
  if (!files) return require_presentable(files.error());
  require(files->size() <= 64, "the number of loose files is bounded");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = ballast::fuzz::text_of(data, size);
  ballast::fuzz::check_archive(bytes);
  ballast::fuzz::check_others(bytes);
  return 0;
}
