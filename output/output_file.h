// Writes a file that is there whole or not at all.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "base/result.h"

namespace ballast::output {

// Writes to a temporary file beside the target, and renames it in commit(). Until then an existing
// target stays as it is; without commit() nothing is left behind. A symbolic link is followed, but
// not another user's in a folder where all may write. The new file has mode 0640 less the umask and
// what an existing target keeps from others. One thread at a time.
class OutputFile {
 public:
  // Creates the temporary file. Errors: kInvalidArgument if `path` is something other than a
  // regular file or leads there by a link that is not followed, kStorage with the system's reason.
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Returns the stream to write to. It goes bad when something cannot be written; commit() then
  // says why.
  [[nodiscard]] std::ostream& stream() { return stream_; }
  // Puts the file in place; its bytes are on the disk when this returns. Errors: kStorage; the
  // temporary file is then removed with this object.
  Status commit();

 private:
  class Buffer;
  OutputFile(std::string shown, std::string target, std::string temporary, int fd);

  std::string shown_;  // the path as it was given, for messages
  std::string target_;
  std::string temporary_;  // "" once it is renamed
  std::unique_ptr<Buffer> buffer_;
  std::ostream stream_;
};

}  // namespace ballast::output
