#include "offline/texts.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "model/crash/text.h"
#include "model/parse/numbers.h"
#include "model/parse/vmmemctl.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kTellingHead = 64 * 1024;  // enough to tell what a text is

bool has_line_starting(std::string_view text, std::string_view start) {
  return text.starts_with(start) || text.find("\n" + std::string(start)) != std::string_view::npos;
}

std::string_view first_line(std::string_view text) {
  text = trim(text);
  return trim(text.substr(0, text.find('\n')));
}

// Tells whether the line is one of vmstat: "nr_free_pages 492353".
bool is_counter(std::string_view line) {
  const auto name = model::next_word(line);
  const auto value = model::next_word(line);
  const bool lower = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return lower && model::parse_counter(value) && trim(line).empty();
}

// Tells whether the line is one of vmallocinfo:
// "0xffffb2c500000000-0xffffb2c500005000   20480 irq_init_percpu_irqstack+0x114/0x1b0 vmap".
bool is_address_range(std::string_view line) {
  const auto range = model::next_word(line);
  return range.starts_with("0x") && range.find("-0x") != std::string_view::npos;
}

// Tells whether the line begins zoneinfo: "Node 0, zone      DMA". buddyinfo has figures behind the
// zone's name, and zone lines of an OOM dump have no comma.
bool is_zone_head(std::string_view line) {
  if (!line.starts_with("Node ") || line.find(", zone ") == std::string_view::npos) return false;
  auto rest = line.substr(line.find(", zone ") + 6);
  return !model::next_word(rest).empty() && trim(rest).empty();
}

// Says what to do with files that people hand over although only other programs read them.
std::string_view hint_for(std::string_view text) {
  if (text.starts_with("\x7f"
                       "ELF") ||
      text.starts_with("KDUMP") || text.starts_with("makedumpfile")) {
    return "this is a vmcore or a program: open the vmcore with crash and give the text of "
           "kmem -i, kmem -V, sys and bt of the balloon driver's thread";
  }
  if (text.starts_with("-----BEGIN PGP") || text.starts_with("\x85") || text.starts_with("\x8c")) {
    return "it looks encrypted: decrypt it first";
  }
  return "give a sosreport (folder or tar archive), a folder with proc/meminfo, a copy of "
         "/proc/meminfo, or text from crash";
}

}  // namespace

Result<TextKind> recognise(std::string_view text) {
  const auto head = text.substr(0, kTellingHead);
  const auto line = first_line(head);
  if (has_line_starting(head, "@@ballast begin")) return TextKind::kProbeOutput;
  if (is_zone_head(line)) return TextKind::kZoneinfo;
  if (has_line_starting(head, "MemTotal:")) return TextKind::kMeminfo;
  if (model::looks_like_crash_text(text)) return TextKind::kCrash;
  if (is_counter(line)) return TextKind::kVmstat;
  if (is_address_range(line)) return TextKind::kVmallocinfo;
  if (model::parse_vmmemctl_status(head)) return TextKind::kVmmemctl;
  if (trim(text).empty()) return fail(ErrorCode::kParse, "it is empty");
  return fail(ErrorCode::kParse,
              fmt::format("it is nothing that can be inspected; it begins with \"{}\"",
                          printable(line, 60)),
              std::string(hint_for(text)));
}

std::string_view path_of(TextKind kind) {
  switch (kind) {
    case TextKind::kMeminfo:
      return "proc/meminfo";
    case TextKind::kVmstat:
      return "proc/vmstat";
    case TextKind::kZoneinfo:
      return "proc/zoneinfo";
    case TextKind::kVmallocinfo:
      return "proc/vmallocinfo";
    case TextKind::kVmmemctl:
      return "sys/kernel/debug/vmmemctl";
    case TextKind::kProbeOutput:
    case TextKind::kCrash:
      break;
  }
  return {};
}

}  // namespace ballast::offline
