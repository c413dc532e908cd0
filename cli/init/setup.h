// What `ballast init` sets up: the answers, and what is written of them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "cli/govc.h"
#include "cli/one_off.h"
#include "collector/config/config.h"

namespace ballast::cli {

// A login whose password is in a file, or will be.
struct SetupLogin {
  std::string username;  // "" if there is no such login
  std::string password_file;
  std::optional<Secret> typed;  // to be written to that file; empty: the file is there
};

struct Setup {
  std::string config_path;
  std::string database;  // "": the configuration's default
  VcenterAddress vcenter;
  std::string ca_file;
  std::string thumbprint;
  SetupLogin login;
  SetupLogin guest;
};

// Whoever answers.
struct Questions {
  std::function<Result<std::string>(const std::string& prompt)> ask;  // "" is an answer
  AskPassword ask_password;
};

// Asks for what the flags do not say. Nothing is read from the network or written. Errors:
// kInvalidArgument for answers that cannot be used, and where something is to be asked and nobody
// is there; those of `questions`.
[[nodiscard]] Result<Setup> ask_setup(const OneOffFlags& flags, std::string config_path,
                                      std::string database, const Questions& questions);

// Returns the configuration that will be written, with the passwords that were typed in it.
[[nodiscard]] collector::Config config_of(const Setup& setup);

// Returns the file's text. No password is in it.
[[nodiscard]] std::string toml_of(const Setup& setup);

// Writes the password files that are not there yet, then the configuration, all for this user
// alone; makes their folders and the database's. A file that is there is never changed. Errors:
// kConfig; what was written before stays.
[[nodiscard]] Status write_setup(const Setup& setup);

// Returns the commands that make the role and give it to `username`, for govc and for PowerCLI.
[[nodiscard]] std::string role_commands(const std::string& username);

}  // namespace ballast::cli
