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
  if (!guest) return require_presentable(guest.error());
  check_files(*guest);
  (void)offline::taken_at(*guest);
  check_account_and_verdicts(offline::assemble(*guest));
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ballast::fuzz::check_archive(ballast::fuzz::text_of(data, size));
  return 0;
}
