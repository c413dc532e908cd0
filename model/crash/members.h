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

// What a command shows: "p ((struct zone *)0x…)->reclaim_in_progress" is {"zone",
// "reclaim_in_progress", true}, "p balloon" is {"balloon", "", false}, "task -R flags 2789" is
// {"task_struct", "", true}. Empty for a command that shows no structure.
struct ShownObject {
  std::string_view type;
  std::string_view member;  // "" if it is the whole, or several of its members
  bool bare = false;        // members are printed without their structure around them
};
[[nodiscard]] ShownObject shown_by(std::string_view command);

// Keeps views into the lines it is given: their text has to outlive it. Of a member that may belong
// to several structures only what stands directly in the right one counts, or what stands alone.
class MemberReader {
 public:
  struct Found {
    std::optional<std::uint64_t> task_flags;
    std::string flags_command;                     // of the task they are of; "" if no header told
    std::string zone;                              // of the largest counter
    std::optional<std::int64_t> tasks_in_reclaim;  // the largest
    std::optional<std::int64_t> balloon_kib;
    std::optional<std::int64_t> balloon_target_kib;
  };

  // A prompt with its command: open blocks end.
  void begin_command(std::string_view command);
  // `task` is the command name of the task whose header came last, "" if there is none: flags that
  // follow a balloon's header win over the first others. Errors: a counter, size or flags out of
  // range; two sizes or targets of the balloon that differ.
  LineTaken read(std::string_view line, std::string_view task);
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
