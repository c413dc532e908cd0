// A file that is there whole or not at all.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "base/result.h"

namespace ballast::output {

// Writes to a temporary file beside the one that is meant, and renames it in the end. An existing
// file stays as it is until then; a symbolic link is followed. Whoever ends without commit() leaves
// nothing behind. The new file's mode is 0640 less the umask.
class OutputFile {
 public:
  // Errors: kInvalidArgument for a folder or anything else that is not a file, kStorage for what
  // the system says.
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Goes bad when something cannot be written; commit() says why.
  [[nodiscard]] std::ostream& stream() { return stream_; }
  // On the disk when it returns. Errors: kStorage; then the temporary file goes with this object.
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
