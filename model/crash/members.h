// Reads members of structures as gdb prints them inside crash, line by line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/crash/lines.h"

namespace ballast::model {

// What a command shows; empty for a command that shows no structure:
//   p ((struct zone *)0x…)->reclaim_in_progress   {"zone", "reclaim_in_progress", true}
//   p balloon                                     {"balloon", "", false}
//   task -R flags 2789                            {"task_struct", "", true}
struct ShownObject {
  std::string_view type;
  std::string_view member;  // "" if it shows the whole structure, or several of its members
  bool bare = false;        // members are printed without their structure around them
};
[[nodiscard]] ShownObject shown_by(std::string_view command);

// Finds the members that are evidence of the balloon. Where several structures have a member of
// that name, it counts only if it stands directly in the right one, or alone. Keeps views into the
// lines that it is given, so that their text must outlive it.
class MemberReader {
 public:
  struct Found {
    std::optional<std::uint64_t> task_flags;
    std::string flags_command;  // the task whose flags they are; "" if no header told
    std::string zone;           // the one with the largest counter
    std::optional<std::int64_t> tasks_in_reclaim;  // that counter
    std::optional<std::int64_t> balloon_kib;
    std::optional<std::int64_t> balloon_target_kib;
  };

  // Begins the output of the next command: blocks that are open end.
  void begin_command(std::string_view command);
  // Reads the next line. `task` is the command of the task whose header came last, "" if none did:
  // flags below the balloon's header win over others. Errors: a counter, size or flags out of
  // range; two sizes or targets of the balloon that differ.
  LineTaken read(std::string_view line, std::string_view task);
  // Returns what was found. The reader is empty after it.
  [[nodiscard]] Found take();

 private:
  struct Member {
    std::string_view owner;  // the structure it is directly in; "" if it stands alone
    std::string_view name;
    std::string_view value;
  };

  void open(std::string_view line, std::string_view key);
  void close_blocks(std::string_view line);
  std::string_view named(std::string_view key) const;
  [[nodiscard]] std::string_view block(std::size_t above) const;
  [[nodiscard]] Member member_of(std::string_view key, std::string_view value) const;
  LineTaken take_member(const Member& member, std::string_view line, std::string_view task);
  LineTaken take_flags(const Member& member, std::string_view line, std::string_view task);
  LineTaken take_counter(const Member& member, std::string_view line);
  bool take_zone_name(const Member& member);
  void commit_zone();

  Found found_;
  ShownObject shown_;
  std::vector<std::string_view> blocks_;
  std::size_t unnamed_ = 0;  // blocks deeper than are kept
  bool flags_of_balloon_ = false;
  // A zone's name and counter come in either order and in different commands.
  std::string_view zone_;
  std::optional<std::int64_t> counter_;
};

}  // namespace ballast::model
