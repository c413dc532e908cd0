// The ways in which one meminfo arrives: each is read as the file itself, or refused with the line
// that is wrong. None may give another number.
#include <functional>
#include <regex>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "offline/assemble.h"
#include "offline/directory.h"
#include "offline/inputs.h"
#include "tests/accuracy/captures.h"
#include "tests/offline/folder.h"

namespace ballast::offline {
namespace {

using test::Folder;
using ::testing::HasSubstr;

const std::string kPastedMeminfo =
    test::read_text(BALLAST_TEST_DATA "/captures/a_idle_2048/1024/proc/meminfo");

std::string each_line(const std::string& text,
                      const std::function<std::string(std::string)>& make) {
  std::string out;
  for (const auto line : split_lines(text)) out += make(std::string(line)) + "\n";
  return out;
}

std::string before_each(const std::string& text, const std::string& prefix) {
  return each_line(text, [&prefix](const std::string& line) { return prefix + line; });
}

std::string replaced(const std::string& text, const std::string& what, const std::string& by) {
  return std::regex_replace(text, std::regex(what), by);
}

// "2054412 kB" -> "2,054,412 kB" with any separator.
std::string with_thousands(const std::string& text, const std::string& separator) {
  auto out = text;
  const std::regex last(R"((\d)(\d\d\d)( kB|,))");
  for (int group = 0; group < 4; ++group) out = std::regex_replace(out, last, "$1,$2$3");
  std::string done;
  for (const char c : out) done += c == ',' ? separator : std::string(1, c);
  return done;
}

std::string utf16(const std::string& text, bool big_endian, bool marked) {
  std::string out;
  const auto add = [&](char high, char low) {
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  if (marked) add('\xfe', '\xff');
  for (const char c : text) add('\0', c);
  return out;
}

std::string numbered(const std::string& text, const std::string& behind) {
  int number = 0;
  return each_line(text, [&](const std::string& line) {
    return fmt::format("{:4}{}{}", ++number, behind, line);
  });
}

std::string sorted(const std::string& text, bool down) {
  auto lines = split_lines(text);
  std::sort(lines.begin(), lines.end());
  if (down) std::reverse(lines.begin(), lines.end());
  std::string out;
  for (const auto line : lines) out += std::string(line) + "\n";
  return out;
}

std::string on_one_line(const std::string& text, const std::string& between) {
  std::string out;
  for (const auto line : split_lines(text)) out += (out.empty() ? "" : between) + std::string(line);
  return out;
}

std::string coloured(const std::string& text) {
  return each_line(text, [](const std::string& line) {
    const auto colon = line.find(':');
    return "\x1b[01;31m\x1b[K" + line.substr(0, colon) + "\x1b[m\x1b[K" + line.substr(colon) +
           "\x1b[0m";
  });
}

struct Paste {
  std::string name;
  std::string text;
};

std::vector<Paste> readable_pastes() {
  const auto& base = kPastedMeminfo;
  return {
      {"a prompt", "$ cat /proc/meminfo\n" + base},
      {"root's prompt", "# cat /proc/meminfo\n" + base},
      {"a prompt with names", "[root@web17 ~]# cat /proc/meminfo\n" + base + "[root@web17 ~]# "},
      {"a prompt with a path", "root@web17:/proc# cat meminfo\n" + base},
      {"a prompt of SLES", "web17:~ # cat /proc/meminfo\n" + base + "web17:~ # \n"},
      {"a command alone", "cat /proc/meminfo\n" + base},
      {"set -x", "+ cat /proc/meminfo\n" + base},
      {"head of several files", "==> /proc/meminfo <==\n" + base},
      {"quoted", before_each(base, "> ")},
      {"quoted without a blank", before_each(base, ">")},
      {"quoted twice", before_each(base, "> > ")},
      {"a mail", "Hello,\n\nhere it is:\n\n" + before_each(base, "> ") + "\nRegards\n"},
      {"indented", before_each(base, "    ")},
      {"indented by a tab", before_each(base, "\t")},
      {"bullets", before_each(base, "- ")},
      {"a table", each_line(base, [](const auto& line) { return "| " + line + " |"; })},
      {"fenced", "Look:\n```\n" + base + "```\n"},
      {"fenced in a ticket", "{noformat}\n" + base + "{noformat}"},
      {"cat -n", numbered(base, "\t")},
      {"grep -n", numbered(base, ":")},
      {"syslog", before_each(base, "Jul 29 04:00:02 host collectl[12]: ")},
      {"syslog of a single-digit day", before_each(base, "Jul  9 04:00:02 host collectl: ")},
      {"syslog without a program", before_each(base, "Jul  9 04:00:02 web17 ")},
      {"syslog with ISO time", before_each(base, "2025-07-29T04:00:02.123456+03:00 h p[1]: ")},
      {"ts", before_each(base, "Jul 29 04:00:02 ")},
      {"the kernel's log", before_each(base, "[  174.062364] ")},
      {"journal of the kernel", before_each(base, "Jul 29 04:00:02 h kernel: [  174.062364] ")},
      {"coloured", coloured(base)},
      {"a terminal's session",
       "\x1b]0;root@web17:~\a\x1b[?2004h[root@web17 ~]# cat /proc/meminfo\r\n"
       "\x1b[?2004l\r" +
           replaced(base, "\n", "\r\n")},
      {"UTF-16", utf16(base, false, true)},
      {"UTF-16 the other way", utf16(base, true, true)},
      {"UTF-16 without a mark", utf16(base, false, false)},
      {"UTF-16 of Windows", utf16(replaced(base, "\n", "\r\n"), true, true)},
      {"a byte order mark", "\xef\xbb\xbf" + base},
      {"CRLF", replaced(base, "\n", "\r\n")},
      {"CR CR LF", replaced(base, "\n", "\r\r\n")},
      {"CR", replaced(base, "\n", "\r")},
      {"kb", replaced(base, " kB", " kb")},
      {"KB", replaced(base, " kB", " KB")},
      {"KiB", replaced(base, " kB", " KiB")},
      {"no blank before the unit", replaced(base, " kB", "kB")},
      {"no unit", replaced(base, " kB", "")},
      {"no blank behind the colon", replaced(base, ": +", ":")},
      {"thousands by dots", with_thousands(base, ".")},
      {"thousands by commas", with_thousands(base, ",")},
      {"thousands by blanks", with_thousands(base, " ")},
      {"thousands by apostrophes", with_thousands(base, "'")},
      {"thousands by hard blanks", with_thousands(base, "\u00a0")},
      {"thousands by narrow blanks", with_thousands(base, "\u202f")},
      {"thousands by hard blanks of Latin-1", with_thousands(base, "\xa0")},
      {"one line", on_one_line(base, " ")},
      {"one line with commas", on_one_line(base, ", ")},
      {"one line, thousands by blanks", on_one_line(with_thousands(base, " "), " ")},
      {"sorted", sorted(base, false)},
      {"sorted downwards", sorted(base, true)},
      {"blanks behind", replaced(base, "\n", "   \n")},
      {"blank lines", replaced(base, "\n", "\n\n")},
      {"no newline at the end", base.substr(0, base.size() - 1)},
      {"a date before", "Tue Jul 29 04:00:02 UTC 2025\n" + base},
      {"uname before", "Linux host 4.18.0-348.2.1.el8.x86_64 #1 SMP x86_64 GNU/Linux\n" + base},
      {"the driver's status behind", base + "target:   288703 pages\ncurrent:   288703 pages\n"},
      {"a pager", replaced(base, "\nBuffers", "\n--More--\nBuffers")},
      {"OSWatcher", "zzz ***Tue Jul 29 04:00:02 MSK 2025\n" + base},
      {"a node's meminfo behind", base + "Node 0 MemTotal:  1000 kB\nNode 0 MemFree:  10 kB\n"},
  };
}

Inputs read_paste(const std::string& text) {
  const Folder folder;
  return read_inputs({folder.write("paste", text)});
}

TEST(Pastes, EachIsReadAsTheFileItself) {
  const auto expected = read_paste(kPastedMeminfo).samples.at(0).reading.meminfo;
  ASSERT_GT(expected.size(), 40U);
  for (const auto& paste : readable_pastes()) {
    const auto inputs = read_paste(paste.text);
    ASSERT_EQ(inputs.samples.size(), 1U)
        << paste.name << ": "
        << (inputs.failures.empty() ? "no error" : inputs.failures.front().sentence());
    EXPECT_TRUE(inputs.failures.empty()) << paste.name;
    auto read = inputs.samples[0].reading.meminfo;
    // Without its unit a last number may be cut; then it is left out, and nothing else.
    if (read.size() + 1 == expected.size()) read.emplace("DirectMap2M", expected.at("DirectMap2M"));
    EXPECT_EQ(read, expected) << paste.name;
  }
}

std::string before(const std::string& text, const std::string& mark, const std::string& line) {
  auto out = text;
  return out.insert(out.find(mark), line);
}

TEST(Pastes, WhatIsDamagedIsRefusedWithItsLine) {
  const auto& base = kPastedMeminfo;
  const std::vector<std::pair<Paste, std::string>> rows = {
      {{"a digit", replaced(base, "(Percpu: +)\\d", "$1x")}, "Percpu:"},
      {{"a name", replaced(base, "Percpu:", "Per cpu:")}, "Per cpu:"},
      {{"a colon", replaced(base, "Percpu:", "Percpu ")}, "'Percpu "},
      {{"a unit", replaced(base, "(MemFree: +\\d+) kB", "$1 MB")}, "MemFree"},
      {{"one unit missing", replaced(base, "(MemFree: +\\d+) kB", "$1")}, "MemFree"},
      {{"a fraction", replaced(base, "(MemFree: +\\d+) kB", "$1.5 kB")}, "MemFree"},
      {{"thousands in the wrong place", replaced(base, "(Percpu: +)\\d+", "$012,34")}, "Percpu"},
      {{"a NUL in a number", before(base, "KernelStack", std::string("Cached2: 6\0007 kB\n", 17))},
       "Cached2"},
      {{"prose", before(base, "Percpu", "Now the rest:\n")}, "Now the rest:"},
      {{"another file", before(base, "Percpu", "nr_free_pages 7\n")}, "Percpu"},
      {{"the kernel's message", before(base, "Percpu", "[ 1.5] usb 1-1: new device\n")}, "Percpu"},
      {{"a field twice", before(base, "Percpu", "Slab:   7 kB\n")}, "Slab:"},
      {{"an ellipsis", before(base, "Percpu", "...\n")}, "cut: line 39, '...'"},
      {{"an ellipsis with words", before(base, "Percpu", "... (20 lines)\n")}, "cut"},
      {{"an ellipsis of one character", before(base, "Percpu", "…\n")}, "cut"},
      {{"[snip]", before(base, "Percpu", "[snip]\n")}, "[snip]"},
      {{"an ellipsis at the end", base + "...\n"}, "cut"},
      {{"an ellipsis at the beginning", "...\n" + base.substr(base.find('\n') + 1)}, "cut"},
      {{"an ellipsis in a line", replaced(base, "(Percpu: +\\d+) kB", "$1...")}, "Percpu"},
      {{"a pager at the end", base.substr(0, base.find("Percpu")) + "--More--\n"}, "--More--"},
  };
  for (const auto& [paste, said] : rows) {
    const auto inputs = read_paste(paste.text);
    EXPECT_TRUE(inputs.samples.empty()) << paste.name << " was read";
    ASSERT_FALSE(inputs.failures.empty()) << paste.name;
    EXPECT_THAT(inputs.failures.front().message, HasSubstr(said)) << paste.name;
    EXPECT_TRUE(inputs.lost_a_moment) << paste.name << ": --balloon might go to another moment";
  }
}

// Whoever cuts a file cuts it anywhere. What is left must not have a number that was not there.
TEST(Pastes, CutAnywhereNoNumberIsAnother) {
  const auto whole = read_paste(kPastedMeminfo).samples.at(0).reading.meminfo;
  for (const auto* form : {" kB", ""}) {
    const auto text = replaced(kPastedMeminfo, " kB", form);
    for (std::size_t end = text.find("Active:"); end < text.size(); end += 3) {
      const auto inputs = read_paste(text.substr(0, end));
      if (inputs.samples.empty()) continue;
      for (const auto& [name, kib] : inputs.samples[0].reading.meminfo) {
        ASSERT_TRUE(whole.contains(name)) << name << " at " << end;
        EXPECT_EQ(kib, whole.at(name)) << name << ", cut at " << end;
      }
    }
  }
}

TEST(Pastes, SaysWhatItLeftOutAndWhatItAssumed) {
  const auto mail = read_paste("Hello,\nhere:\n" + kPastedMeminfo + "Bye\n").samples.at(0).notes;
  ASSERT_EQ(mail.size(), 1U);
  EXPECT_THAT(mail[0], HasSubstr("3 lines that are nothing known were left out"));
  EXPECT_THAT(mail[0], HasSubstr("line 1, 'Hello,'"));
  const auto unitless = read_paste(replaced(kPastedMeminfo, " kB", "") + "\n").samples.at(0).notes;
  ASSERT_EQ(unitless.size(), 1U);
  EXPECT_THAT(unitless[0], HasSubstr("no unit; its figures were taken as kB"));
  const auto cut =
      read_paste(kPastedMeminfo.substr(0, kPastedMeminfo.size() - 4)).samples.at(0).notes;
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_THAT(cut[0], HasSubstr("DirectMap"));
  EXPECT_TRUE(read_paste(kPastedMeminfo).samples.at(0).notes.empty())
      << "a clean copy needs no note";
}

// Whatever order the files of a guest are pasted in, with prompts or without, they are the guest.
TEST(Pastes, ASessionIsWhatItsFilesAre) {
  for (const auto& capture : test::captures()) {
    GuestFiles files;
    std::string prompted;
    std::string bare;
    for (const auto* name : {"vmstat", "meminfo", "zoneinfo", "modules", "vmallocinfo"}) {
      const auto path = fmt::format("proc/{}", name);
      const auto text = test::read_text(capture.root / path);
      if (text.empty()) continue;
      files.files.emplace(path, text);
      prompted = "[root@web17 ~]# cat /" + path + "\n" + text + prompted;
      bare += text;
    }
    const auto expected = assemble(files);
    for (const auto& session : {prompted, bare}) {
      const auto inputs = read_paste(session);
      ASSERT_EQ(inputs.samples.size(), 1U) << capture.name();
      const auto& read = inputs.samples[0].reading;
      EXPECT_EQ(read.meminfo, expected.meminfo) << capture.name();
      EXPECT_EQ(read.vmstat, expected.vmstat) << capture.name();
      EXPECT_EQ(read.vmalloc_kib, expected.vmalloc_kib) << capture.name();
      EXPECT_EQ(read.balloon.module, expected.balloon.module) << capture.name();
      ASSERT_EQ(read.zones.has_value(), expected.zones.has_value()) << capture.name();
      if (!read.zones) continue;
      EXPECT_EQ(read.zones->pcp_pages, expected.zones->pcp_pages) << capture.name();
      EXPECT_EQ(read.zones->managed_pages, expected.zones->managed_pages) << capture.name();
      EXPECT_EQ(read.zones->cpus, expected.zones->cpus) << capture.name();
    }
  }
}

TEST(Pastes, SeveralMomentsAreASeries) {
  const auto other = test::read_text(BALLAST_TEST_DATA "/captures/a_idle_2048/0/proc/meminfo");
  const auto watched = read_paste("zzz ***Tue Jul 29 04:00:02 UTC 2025\n" + other +
                                  "zzz ***Tue Jul 29 04:00:32 UTC 2025\n" + kPastedMeminfo);
  ASSERT_EQ(watched.samples.size(), 2U);
  EXPECT_NE(watched.samples[0].reading.meminfo, watched.samples[1].reading.meminfo);
  EXPECT_THAT(watched.samples[1].sources.front(), HasSubstr("paste: Tue Jul 29 04:00:32"));
  ASSERT_TRUE(watched.samples[0].taken_at && watched.samples[1].taken_at);
  EXPECT_EQ(*watched.samples[1].taken_at - *watched.samples[0].taken_at, std::chrono::seconds(30));
  EXPECT_EQ(read_paste(other + kPastedMeminfo).samples.size(), 2U) << "one behind the other";
  EXPECT_EQ(read_paste("$ date\nTue Jul 29 04:00:02 UTC 2025\n" + other +
                       "$ date\nTue Jul 29 05:00:02 UTC 2025\n" + kPastedMeminfo)
                .samples.size(),
            2U);
}

// A file of each kind, as OSWatcher keeps them: what was printed at one time belongs together.
TEST(Pastes, HeadingsOfOneMomentInSeveralFilesGoTogether) {
  const auto other = test::read_text(BALLAST_TEST_DATA "/captures/a_idle_2048/0/proc/meminfo");
  const Folder folder;
  const auto first = "zzz ***Tue Jul 29 04:00:02 MSK 2025\n";
  const auto second = "zzz ***Tue Jul 29 04:00:32 MSK 2025\n";
  const auto meminfo = folder.write("meminfo.dat", first + other + second + kPastedMeminfo);
  const auto vmstat = folder.write(
      "vmstat.dat", std::string(first) + "nr_free_pages 1\n" + second + "nr_free_pages 2\n");
  const auto inputs = read_inputs({meminfo, vmstat});
  ASSERT_EQ(inputs.samples.size(), 2U);
  EXPECT_EQ(inputs.samples[0].reading.vmstat.at("nr_free_pages"), 1);
  EXPECT_EQ(inputs.samples[1].reading.vmstat.at("nr_free_pages"), 2);
}

TEST(Pastes, APartOfMeminfoBesideAWholeOneIsNoMoment) {
  const auto inputs =
      read_paste("# cat /proc/meminfo\n" + kPastedMeminfo + "# head -2 /proc/meminfo\n" +
                 kPastedMeminfo.substr(0, kPastedMeminfo.find("MemAvailable")));
  ASSERT_EQ(inputs.samples.size(), 1U);
  ASSERT_EQ(inputs.notes.size(), 1U);
  EXPECT_THAT(inputs.notes[0], HasSubstr("not whole"));
}

}  // namespace
}  // namespace ballast::offline
