// The links of an archive, so that they can be followed inside it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ballast::offline {

class ArchiveLinks {
 public:
  // Remembers the entry `path` as a symbolic link to `target`, or as a hard link to the entry
  // `target`. Paths are as plain_path() makes them; the target of a symbolic link is as it stands
  // in the archive. Past 200,000 links, or 32 MiB of them, no more are remembered.
  void add_symlink(const std::string& path, std::string_view target);
  void add_hardlink(const std::string& path, std::string_view target);

  // Returns `path` with every link on the way followed. Empty if one leads out of the archive (an
  // absolute target does: it is the reader's machine that it would name), or in a circle.
  [[nodiscard]] std::optional<std::string> resolve(const std::string& path) const;

  struct Target {
    std::string path;
    bool hard = false;
  };
  // Returns all of them: path of the link -> where it leads.
  [[nodiscard]] const std::map<std::string, Target, std::less<>>& all() const { return links_; }

 private:
  void add(const std::string& path, Target target);

  std::map<std::string, Target, std::less<>> links_;
  std::size_t bytes_ = 0;
};

// Returns `path` without "./" and "/" in front and without empty components; empty if it has a
// "..".
[[nodiscard]] std::optional<std::string> plain_path(std::string_view path);

}  // namespace ballast::offline
