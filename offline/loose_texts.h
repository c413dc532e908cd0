// Gathers loose texts until they make readings of a guest.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "offline/files.h"
#include "offline/inputs.h"
#include "offline/text/session.h"

namespace ballast::offline {

// The loose texts of one moment, of files and of what was pasted.
class LooseMoment {
 public:
  // Tells whether the piece can be of this moment: no other of its kind is there, and it does not
  // name another moment.
  [[nodiscard]] bool may_add(const Piece& piece) const;
  void add(const std::string& source, Piece piece);
  void add_notes(const std::vector<std::string>& notes);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool has_meminfo() const { return files_.files.contains("proc/meminfo"); }
  // Tells whether its meminfo was there and cannot be used.
  [[nodiscard]] bool has_bad_meminfo() const { return refused_.contains("proc/meminfo"); }
  [[nodiscard]] const std::vector<std::string>& sources() const { return sources_; }
  // Makes the sample of a meminfo, of a figure of the balloon, or of another tool's figures. Errors:
  // kParse where the texts have none of these; what was wrong with a text that was refused.
  [[nodiscard]] Result<OfflineSample> finish();

 private:
  void add_tool(const Piece& piece);
  void add_unused(const std::string& source, const Piece& piece);
  [[nodiscard]] Error why_nothing() const;

  GuestFiles files_;
  std::set<std::string, std::less<>> refused_;  // places of texts that cannot be used
  std::vector<std::string> sources_;
  std::vector<std::string> notes_;
  std::vector<model::ToolFigures> tools_;
  std::vector<Error> refusals_;
  std::vector<std::string> unused_;
  std::string name_;
  bool begun_ = false;
};

// Gathers the texts that follow one another on the command line.
class LooseTexts {
 public:
  // Takes what was read from `source`. A piece that cannot be of the last moment begins the next
  // one; a moment that was named before goes on.
  void add(const std::string& source, Session session);
  [[nodiscard]] bool empty() const { return moments_.empty(); }
  // Makes samples of all moments and begins anew. A moment without meminfo is no sample where others
  // have one: a sentence in `inputs.notes` says what was in it.
  void finish(Inputs& inputs);

 private:
  struct Date {
    std::string source;
    Piece piece;
  };

  void add_piece(const std::string& source, Piece piece);
  LooseMoment& moment_for(const Piece& piece);
  LooseMoment& begin_moment();

  std::optional<Date>
      next_date_;  // came behind the last moment: that of the next one, if one begins
  std::vector<LooseMoment> moments_;
};

}  // namespace ballast::offline
