#include "offline/text/session_marks.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::offline {

namespace {

std::vector<std::string_view> words_in_mark(std::string_view line) {
  std::vector<std::string_view> words;
  for (auto word = model::next_word(line); !word.empty(); word = model::next_word(line)) {
    words.push_back(word);
  }
  return words;
}

bool starts_with_any(std::string_view line, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [line](std::string_view start) { return line.starts_with(start); });
}

constexpr std::size_t kLongestPrompt = 80;

// Tells whether `text` can stand before the "$" or "#" of a prompt: "", "[root@web17 ~]",
// "root@web17:/proc", "web17:~ ", "sh-4.4".
bool is_before_prompt(std::string_view text) {
  text = trim(text);
  if (text.size() > kLongestPrompt) return false;
  if (text.empty() || (text.starts_with('[') && text.ends_with(']'))) return true;
  if (text.starts_with("sh-") || text.starts_with("bash-") || text.starts_with("(")) return true;
  const bool one_word = words_in_mark(text).size() == 1;
  return one_word && text.find_first_of("@:~") != std::string_view::npos &&
         text.find_first_of("=<>|\"") == std::string_view::npos;
}

bool is_collecting_command(std::string_view line) {
  auto rest = line;
  const auto command = model::next_word(rest);
  constexpr std::array<std::string_view, 11> kShellCommands = {
      "cat", "sudo", "uname", "lsmod", "free", "uptime", "date", "dmesg", "grep", "head", "ssh"};
  return line.starts_with("vmware-toolbox-cmd ") ||
         line.starts_with("/usr/bin/vmware-toolbox-cmd ") ||
         std::find(kShellCommands.begin(), kShellCommands.end(), command) != kShellCommands.end();
}

// Returns "proc/meminfo" of "/proc/meminfo"; "" for other words.
std::string below_root(std::string_view word) {
  const auto clean = word.substr(0, word.find_last_not_of("'\";:,)") + 1);
  const auto start = clean.find_first_not_of("'\"(<");
  if (start == std::string_view::npos) return {};
  const auto path = clean.substr(start);
  if (!path.starts_with("/proc/") && !path.starts_with("/sys/")) return {};
  return std::string(path.substr(1));
}

}  // namespace

std::optional<std::string> shell_command(std::string_view line) {
  if (line.starts_with("# name ")) return std::nullopt;                  // slabinfo's heading
  if (line.starts_with("+ ")) return std::string(trim(line.substr(2)));  // set -x
  const auto head = line.substr(0, kLongestPrompt);
  for (auto at = head.find_first_of("$#%"); at != std::string_view::npos;
       at = head.find_first_of("$#%", at + 1)) {
    const bool ends = at + 1 == line.size() || line[at + 1] == ' ';
    if (ends && is_before_prompt(line.substr(0, at))) {
      return std::string(trim(line.substr(at + 1)));
    }
  }
  if (is_collecting_command(line)) return std::string(line);
  return std::nullopt;
}

std::string path_in_heading(std::string_view line) {
  constexpr std::string_view kDecoration = "=<>#*-:[]` \t";
  const auto first = line.find_first_not_of(kDecoration);
  if (first == std::string_view::npos) return {};
  const auto last = line.find_last_not_of(kDecoration);
  const auto word = line.substr(first, last - first + 1);
  return words_in_mark(word).size() == 1 ? below_root(word) : std::string();
}

std::string path_in_command(std::string_view command) {
  std::string found;
  for (const auto word : words_in_mark(command)) {
    if (auto path = below_root(word); !path.empty()) found = std::move(path);
  }
  return found;
}

std::string_view moment_in_heading(std::string_view line) {
  constexpr std::string_view kMark = "zzz ";
  if (!line.starts_with(kMark)) return {};
  auto rest = trim(line.substr(kMark.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of("*<"), rest.size()));
  return trim(rest.substr(0, rest.find('>')));
}

bool is_cut_mark(std::string_view line) {
  if (line.starts_with("...") || line.starts_with("…") || line == "..") return true;
  constexpr std::string_view kAround = "[](){}<>-=*# \t";
  const auto first = line.find_first_not_of(kAround);
  if (first == std::string_view::npos) return false;
  const auto last = line.find_last_not_of(kAround);
  const auto inside = line.substr(first, last - first + 1);
  const bool words = inside == "snip" || inside == "snipped" || inside == "cut" ||
                     inside == "truncated" || inside == "output truncated";
  return (words && first > 0) || inside == "..." || inside == "…" || inside == "etc.";
}

bool is_pager_mark(std::string_view line) {
  return line.starts_with("--More--") && words_in_mark(line).size() <= 2;
}

bool is_fence(std::string_view line) {
  return starts_with_any(line, {"```", "~~~", "{code", "{noformat", "[code", "[/code", "<pre",
                                "</pre", "<code", "</code"});
}

}  // namespace ballast::offline
