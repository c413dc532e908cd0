// What tells whose guest it is: boot logs, os-release, dmidecode, uname, and a supportconfig's
// sections; each parser gets the whole input.
#include "base/text.h"
#include "model/parse/platform_files.h"
#include "model/platform.h"
#include "offline/assemble.h"
#include "offline/supportconfig.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

void check_platform(const model::GuestPlatform& platform) {
  for (const auto* text : {&platform.host_name, &platform.distribution, &platform.machine,
                           &platform.hypervisor, &platform.architecture}) {
    require(text->size() <= model::kMaxPlatformText, "a text from a guest is bounded");
  }
}

void check_words(std::string_view text) {
  model::GuestReading reading;
  reading.platform.distribution = model::distribution_of(text);
  reading.platform.machine = model::machine_of_dmidecode(text);
  reading.platform.host_name = model::uname_word(text, 1);
  reading.platform.architecture = model::architecture_of(text);
  model::read_boot_log(text, reading);
  check_platform(reading.platform);
  require(reading.kernel_release.size() <= model::kMaxPlatformText, "a release is bounded");
  require(reading.other_balloons.size() <= 3, "there are three other balloon drivers");
  for (const auto& note : model::platform_notes(reading)) {
    require_printable(note, "a note on the platform can be shown");
  }
  require(model::first_line_of(text).find('\n') == std::string::npos, "a line is one line");
}

void check_supportconfig(std::string_view text) {
  offline::GuestFiles guest;
  guest.files.emplace("memory.txt", text);
  guest.files.emplace("basic-environment.txt", text);
  offline::expand_supportconfig(guest);
  for (const auto& [path, body] : guest.files) {
    require(offline::is_wanted(path), "only wanted files come of a supportconfig");
    require(body.size() <= text.size() + 256, "no file is larger than all of them");
  }
  check_platform(offline::assemble(guest).platform);
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = ballast::fuzz::text_of(data, size);
  ballast::fuzz::check_words(text);
  ballast::fuzz::check_supportconfig(text);
  return 0;
}
