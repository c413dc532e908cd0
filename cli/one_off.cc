#include "cli/one_off.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/trusted_file.h"
#include "cli/commands/flags.h"
#include "cli/govc.h"

namespace ballast::cli {
namespace {

using collector::Config;
using collector::kScopeLists;
using collector::ScanScope;
using collector::ScopeList;
using collector::SecretSource;
using collector::VcenterConfig;

tl::unexpected<Error> usage(std::string message, std::string hint = {}) {
  return fail(ErrorCode::kInvalidArgument, std::move(message), std::move(hint));
}

std::string flag_of(const ScopeList& list) { return fmt::format("--{}", list.noun); }

// The first of the flags that only a scan without a configuration has; "" if none is given.
std::string given_beside_url(const OneOffFlags& flags) {
  if (!flags.username.empty()) return "--username";
  if (!flags.password_file.empty()) return "--password-file";
  if (!flags.guest_username.empty()) return "--guest-username";
  if (!flags.guest_password_file.empty()) return "--guest-password-file";
  if (!flags.ca_file.empty()) return "--ca-file";
  if (!flags.thumbprint.empty()) return "--thumbprint";
  for (const auto& list : kScopeLists) {
    if (!(flags.scope.*list.patterns).empty()) return flag_of(list);
  }
  return flags.insecure ? "--insecure" : "";
}

Status check_scope(const ScanScope& scope) {
  for (const auto& list : kScopeLists) {
    for (const auto& pattern : scope.*list.patterns) {
      const auto problem = collector::pattern_problem(list, pattern);
      if (problem.empty()) continue;
      return usage(fmt::format("{} {}: {}", flag_of(list), printable(pattern, 120), problem));
    }
  }
  return {};
}

Status check_flags(const OneOffFlags& flags) {
  const int trusts = !flags.ca_file.empty() + !flags.thumbprint.empty() + flags.insecure;
  if (trusts > 1) return usage("--ca-file, --thumbprint and --insecure exclude each other");
  if (!flags.guest_password_file.empty() && flags.guest_username.empty()) {
    return usage("--guest-password-file needs --guest-username");
  }
  return check_scope(flags.scope);
}

SecretSource given(Secret secret) {
  SecretSource source;
  source.kind = SecretSource::Kind::kGiven;
  source.given = std::move(secret);
  return source;
}

// `flag` is what to give instead where nobody can be asked.
Result<SecretSource> asked(const AskPassword& ask, const std::string& whose, std::string flag) {
  auto typed = ask(fmt::format("Password of {}: ", printable(whose, 200)));
  if (typed) return given(std::move(*typed));
  if (typed.error().code != ErrorCode::kNotFound) return fail(std::move(typed.error()));
  return usage(
      fmt::format("no password for {}, and {}", printable(whose, 200), typed.error().message),
      std::move(flag));
}

Result<SecretSource> vcenter_password(const OneOffFlags& flags, const VcenterAddress& address,
                                      const std::string& username, const AskPassword& ask) {
  if (!flags.password_file.empty()) {
    return SecretSource{SecretSource::Kind::kFile, flags.password_file};
  }
  if (!environment_variable("GOVC_PASSWORD").empty()) {
    return SecretSource{SecretSource::Kind::kEnvironment, "GOVC_PASSWORD"};
  }
  if (address.password && !address.password->empty()) return given(*address.password);
  return asked(ask, fmt::format("{} at {}", username, address.authority),
               "--password-file FILE, or GOVC_PASSWORD in the environment");
}

// The thumbprint that govc's files of known hosts have for the vCenter; "" if they have none.
Result<std::string> thumbprint_of_govc(const VcenterAddress& address) {
  std::istringstream files(environment_variable("GOVC_TLS_KNOWN_HOSTS"));
  for (std::string path; std::getline(files, path, ':');) {
    if (path.empty()) continue;
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) continue;  // govc makes it later
    const auto lines = read_trusted_file({"GOVC_TLS_KNOWN_HOSTS", path});
    if (!lines) return fail(lines.error());
    auto thumbprint = known_thumbprint(*lines, address.known_as);
    if (!thumbprint.empty()) return thumbprint;
  }
  return std::string();
}

// Whom to trust: by the flags if they say it, else by govc's variables.
Status set_trust(const OneOffFlags& flags, const VcenterAddress& address, VcenterConfig& vcenter) {
  vcenter.ca_file = flags.ca_file;
  vcenter.thumbprint = flags.thumbprint;
  vcenter.insecure = flags.insecure;
  if (!flags.ca_file.empty() || !flags.thumbprint.empty() || flags.insecure) return {};
  if (is_true_for_govc(environment_variable("GOVC_INSECURE"))) {
    vcenter.insecure = true;
    return {};
  }
  auto known = thumbprint_of_govc(address);
  if (!known) return fail(std::move(known.error()));
  vcenter.thumbprint = std::move(*known);
  if (!vcenter.thumbprint.empty()) return {};
  vcenter.ca_file = environment_variable("GOVC_TLS_CA_CERTS");
  if (vcenter.ca_file.find(':') == std::string::npos) return {};
  return usage("GOVC_TLS_CA_CERTS names several files, and one is read",
               "put them into one file: cat A B > CA, and --ca-file CA");
}

// The user may be part of the URL. A password on a command line is there for all to see.
Result<VcenterAddress> address_of(const OneOffFlags& flags) {
  const bool by_flag = !flags.url.empty();
  auto address = parse_vcenter_address(by_flag ? flags.url : environment_variable("GOVC_URL"));
  if (!address) return fail(during(address.error(), by_flag ? "--url" : "GOVC_URL"));
  if (by_flag && address->password) {
    return usage("--url has a password in it, which every user of this machine can see",
                 "leave it out and be asked, or --password-file FILE; and change that password");
  }
  const std::string named = environment_variable("GOVC_USERNAME");
  if (!named.empty() && (!by_flag || address->username.empty())) address->username = named;
  if (!flags.username.empty()) address->username = flags.username;
  if (address->username.empty()) {
    return usage(fmt::format("no user name for {}", printable(address->authority, 200)),
                 "--username USER, or GOVC_USERNAME in the environment");
  }
  return address;
}

// The login for every guest, if one is given.
Status set_guest_login(const OneOffFlags& flags, const AskPassword& ask, Config& config) {
  if (flags.guest_username.empty()) return {};
  Result<SecretSource> password =
      flags.guest_password_file.empty()
          ? asked(ask, fmt::format("{} in the guests", flags.guest_username),
                  "--guest-password-file FILE")
          : SecretSource{SecretSource::Kind::kFile, flags.guest_password_file};
  if (!password) return fail(std::move(password.error()));
  collector::GuestRule everywhere;
  everywhere.username = flags.guest_username;
  everywhere.password = std::move(*password);
  everywhere.name = "[guest]";
  config.guest.rules.push_back(std::move(everywhere));
  return {};
}

Result<Config> config_of(const OneOffFlags& flags, const AskPassword& ask) {
  if (auto sound = check_flags(flags); !sound) return fail(std::move(sound.error()));
  auto address = address_of(flags);
  if (!address) return fail(std::move(address.error()));
  VcenterConfig vcenter;
  vcenter.name = address->authority;
  vcenter.url = address->url;
  vcenter.username = address->username;
  vcenter.scope = flags.scope;
  if (auto set = set_trust(flags, *address, vcenter); !set) return fail(std::move(set.error()));
  auto password = vcenter_password(flags, *address, vcenter.username, ask);
  if (!password) return fail(std::move(password.error()));
  vcenter.password = std::move(*password);
  Config config;
  config.vcenters.push_back(std::move(vcenter));
  auto set = set_guest_login(flags, ask, config);
  if (!set) return fail(std::move(set.error()));
  return config;
}

}  // namespace

void add_login_flags(CLI::App& command, OneOffFlags& flags, const std::string& group,
                     const std::string& about_url) {
  const auto add = [&](const char* name, std::string& value, const char* what,
                       const std::string& description) {
    command.add_option(name, value, description)->option_text(what)->group(group);
  };
  add("--url", flags.url, "URL", about_url);
  add("--username", flags.username, "USER", "Whom to log in as");
  add("--password-file", flags.password_file, "FILE",
      "Its first line is the password; without it, you\nare asked");
  add("--guest-username", flags.guest_username, "USER",
      "Log in to the Linux guests, and read them");
  add("--guest-password-file", flags.guest_password_file, "FILE", "The same for their password");
  add("--ca-file", flags.ca_file, "FILE", "Trust the authority in this PEM file");
  add("--thumbprint", flags.thumbprint, "HEX", "Trust the certificate with this thumbprint");
}

void add_one_off_flags(CLI::App& command, OneOffFlags& flags) {
  constexpr const char* kGroup = "Without a configuration";
  add_login_flags(command, flags, kGroup,
                  "Scan this vCenter or ESXi host now, and print the answer");
  command.add_flag("--insecure", flags.insecure, "Trust any certificate")->group(kGroup);
  const auto limit = [&](std::vector<std::string>& patterns, const char* flag, const char* what,
                         const char* description) {
    // One value each time: CLI11 would take "[ab]" for a list, and split it.
    command.add_option(flag, patterns, description)
        ->option_text(what)
        ->group(kGroup)
        ->allow_extra_args(false);
  };
  limit(flags.scope.datacenters, "--datacenter", "NAME",
        "Only VMs in this datacenter; this and the next\nthree are shell patterns, and may be "
        "repeated");
  limit(flags.scope.folders, "--folder", "PATH",
        "In this folder, \"Datacenter/Folder\", or below it");
  limit(flags.scope.clusters, "--cluster", "NAME", "In this cluster");
  limit(flags.scope.tags, "--tag", "CATEGORY/TAG", "With this tag");
}

Result<std::optional<Config>> one_off_config(const OneOffFlags& flags, const CommonOptions& common,
                                             const AskPassword& ask) {
  using Maybe = std::optional<Config>;
  if (!flags.url.empty()) {
    if (!common.config_path.empty()) return usage("--url and --config exclude each other");
  } else if (environment_variable("GOVC_URL").empty() || find_config(common)) {
    const auto flag = given_beside_url(flags);
    if (flag.empty()) return Maybe();
    return usage(fmt::format("{} needs --url", flag),
                 "with a configuration, the file says it: docs/CONFIGURATION.md");
  }
  auto config = config_of(flags, ask);
  if (!config) return fail(std::move(config.error()));
  return Maybe(std::move(*config));
}

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  std::string path = (parent / "ballast-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::kStorage,
                fmt::format("cannot make a temporary folder: {}",
                            error ? error.message() : std::strerror(errno)),
                "set TMPDIR to a folder that can be written, or give a database with --db");
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

}  // namespace ballast::cli
