#include "cli/init/setup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/algorithm/string/replace.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace ballast::cli {

namespace {

using collector::SecretSource;

SecretSource source_of(const SetupLogin& login) {
  SecretSource source;
  source.kind = login.typed ? SecretSource::Kind::kGiven : SecretSource::Kind::kFile;
  source.value = login.password_file;
  if (login.typed) source.given = *login.typed;
  return source;
}

// A TOML basic string.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string key(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("{} = {}\n", name, toml_string(value));
}

// Returns `text` in single quotes. `quote` is how one of them is written between these.
std::string quoted(const std::string& text, std::string_view quote) {
  return "'" + boost::algorithm::replace_all_copy(text, "'", quote) + "'";
}
constexpr std::string_view kInShell = "'\\''";
constexpr std::string_view kInPowerShell = "''";

// "VSPHERE.LOCAL\\ballast" of "ballast@vsphere.local", as PowerCLI has it.
std::string with_domain_first(const std::string& username) {
  const auto at = username.rfind('@');
  if (at == std::string::npos) return username;
  std::string domain = username.substr(at + 1);
  for (char& c : domain) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return domain + "\\" + username.substr(0, at);
}

Error cannot_write(const std::string& path, const std::string& why) {
  return {ErrorCode::kConfig, fmt::format("cannot write {}: {}", printable(path, 200), why),
          "as a user that may, or name another file with --config", ""};
}

Status make_folder_of(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return fail(cannot_write(path, error.message()));
  return {};
}

// Only if there is no such file.
Status write_new(const std::string& path, std::string_view text) {
  if (auto made = make_folder_of(path); !made) return made;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(cannot_write(path, std::strerror(errno)));
  bool whole = true;
  while (whole && !text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    whole = written > 0;
    if (whole) text.remove_prefix(static_cast<std::size_t>(written));
  }
  const int error = whole && ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (error == 0) return {};
  ::unlink(path.c_str());
  return fail(cannot_write(path, std::strerror(error)));
}

Status write_password(const SetupLogin& login) {
  if (!login.typed) return {};
  std::string line;
  line.reserve(login.typed->reveal().size() + 1);  // growing would leave copies behind
  line.append(login.typed->reveal()).append("\n");
  auto written = write_new(login.password_file, line);
  wipe(line);
  return written;
}

}  // namespace

collector::Config config_of(const Setup& setup) {
  collector::Config config;
  collector::VcenterConfig vcenter;
  vcenter.name = setup.vcenter.authority;
  vcenter.url = setup.vcenter.url;
  vcenter.username = setup.login.username;
  vcenter.password = source_of(setup.login);
  vcenter.ca_file = setup.ca_file;
  vcenter.thumbprint = setup.thumbprint;
  config.vcenters.push_back(std::move(vcenter));
  if (!setup.database.empty()) config.database = setup.database;
  if (setup.guest.username.empty()) return config;
  collector::GuestRule everywhere;
  everywhere.username = setup.guest.username;
  everywhere.password = source_of(setup.guest);
  everywhere.name = "[guest]";
  config.guest.rules.push_back(std::move(everywhere));
  return config;
}

std::string toml_of(const Setup& setup) {
  std::string text = "# Written by ballast init. All keys: docs/CONFIGURATION.md\n\n[[vcenter]]\n";
  // Its name is there for the login below, which stays its own when another section is added.
  text += key("name", setup.vcenter.authority) + key("url", setup.vcenter.url) +
          key("username", setup.login.username) + key("password_file", setup.login.password_file) +
          key("ca_file", setup.ca_file) + key("thumbprint", setup.thumbprint);
  if (!setup.guest.username.empty()) {
    text += "\n[guest]\n" + key("vcenter", setup.vcenter.authority) +
            key("username", setup.guest.username) + key("password_file", setup.guest.password_file);
  }
  if (!setup.database.empty()) text += "\n[storage]\n" + key("path", setup.database);
  return text;
}

Status write_setup(const Setup& setup) {
  if (auto written = write_password(setup.login); !written) return written;
  if (auto written = write_password(setup.guest); !written) return written;
  if (auto made = make_folder_of(config_of(setup).database); !made) return made;
  return write_new(setup.config_path, toml_of(setup));
}

std::string role_commands(const std::string& username) {
  const std::string user = quoted(printable(username, 200), kInShell);
  std::string text = "govc:\n";
  text +=
      "  govc role.create ballast System.Anonymous System.View System.Read \\\n"
      "    VirtualMachine.GuestOperations.Query VirtualMachine.GuestOperations.Modify \\\n"
      "    VirtualMachine.GuestOperations.Execute\n";
  text += "  govc permissions.set -principal " + user + " -role ballast -propagate=true /\n";
  text +=
      "PowerCLI:\n"
      "  $ids = 'System.Anonymous', 'System.View', 'System.Read',\n"
      "    'VirtualMachine.GuestOperations.Query', 'VirtualMachine.GuestOperations.Modify',\n"
      "    'VirtualMachine.GuestOperations.Execute'\n"
      "  New-VIRole -Name ballast -Privilege (Get-VIPrivilege -Id $ids)\n";
  text += "  New-VIPermission -Entity (Get-Folder -NoRecursion) -Role ballast -Propagate $true " +
          ("-Principal " + quoted(with_domain_first(printable(username, 200)), kInPowerShell)) +
          "\n";
  return text;
}

}  // namespace ballast::cli
