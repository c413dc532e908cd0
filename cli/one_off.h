// A scan with nothing written first: from the flags of `ballast scan` and govc's variables to a
// configuration, and the folder in which its database lies.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "cli/context.h"
#include "collector/config/config.h"
#include "collector/scope/scan_scope.h"

namespace ballast::cli {

// As given on the command line; "" if not.
struct OneOffFlags {
  std::string url;
  std::string username;
  std::string password_file;
  std::string guest_username;
  std::string guest_password_file;
  std::string ca_file;
  std::string thumbprint;
  bool insecure = false;
  collector::ScanScope scope;
};

void add_one_off_flags(CLI::App& command, OneOffFlags& flags);
// All of them but --insecure and the scope, in a group of the command's help.
void add_login_flags(CLI::App& command, OneOffFlags& flags, const std::string& group,
                     const std::string& about_url);

// Asks the user for a password; the argument is the prompt.
using AskPassword = std::function<Result<Secret>(const std::string& prompt)>;

// Returns the configuration of a scan that needs no file: of --url, or of GOVC_URL where no
// configuration is named or found. nullopt where the scan is not such a one. Flags win over
// variables; passwords that neither has are asked for. Errors: kInvalidArgument for flags that do
// not go together or say too little, kConfig for a file of known hosts that cannot be read; those
// of `ask`.
[[nodiscard]] Result<std::optional<collector::Config>> one_off_config(const OneOffFlags& flags,
                                                                      const CommonOptions& common,
                                                                      const AskPassword& ask);

// A folder for this user alone, in $TMPDIR or /tmp; it goes with the object, with all that is in
// it. A process that is killed leaves it behind.
class TemporaryFolder {
 public:
  // Errors: kStorage.
  [[nodiscard]] static Result<TemporaryFolder> make();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;  // "": moved away
};

}  // namespace ballast::cli
