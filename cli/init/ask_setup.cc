#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/init/setup.h"

namespace ballast::cli {

namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

tl::unexpected<Error> nobody_there() {
  return fail(ErrorCode::kInvalidArgument,
              "there is no terminal to ask at, and the flags do not say everything",
              "--url, --username, --password-file and --guest-username; the rest follows");
}

// The flag's value, else an answer; `otherwise` is what an empty answer means.
Result<std::string> given_or_asked(const std::string& flag, const std::string& question,
                                   const std::string& otherwise, const Questions& questions) {
  if (!flag.empty()) return flag;
  const std::string usual = otherwise.empty() ? "" : " [" + printable(otherwise, 200) + "]";
  auto answer = questions.ask(question + usual + ": ");
  if (!answer && answer.error().code == ErrorCode::kNotFound) return nobody_there();
  if (!answer) return answer;
  return answer->empty() ? otherwise : std::string(trim(*answer));
}

// A file that is there has the password; else it is asked for, and the file made later.
Result<SetupLogin> login_with(std::string username, const std::string& flag,
                              const std::string& usual_file, const std::string& where,
                              const Questions& questions) {
  SetupLogin login;
  login.username = std::move(username);
  const std::string whose = fmt::format("{} {}", printable(login.username, 200), where);
  auto file = given_or_asked(flag, "File with its password, to be made if it is not there",
                             usual_file, questions);
  if (!file) return fail(std::move(file.error()));
  // What it means now it must mean for whoever scans.
  login.password_file = std::filesystem::absolute(*file).string();
  if (exists(login.password_file)) return login;
  auto typed = questions.ask_password(fmt::format("Password of {}: ", whose));
  if (!typed && typed.error().code == ErrorCode::kNotFound) return nobody_there();
  if (!typed) return fail(std::move(typed.error()));
  login.typed = std::move(*typed);
  return login;
}

Result<VcenterAddress> address_with(const OneOffFlags& flags, const Questions& questions) {
  auto url = given_or_asked(flags.url, "vCenter or ESXi host", "", questions);
  if (!url) return fail(std::move(url.error()));
  auto address = parse_vcenter_address(*url);
  if (!address) return address;
  if (address->password) {
    return fail(ErrorCode::kInvalidArgument, "a password does not belong into the URL",
                "leave it out: you are asked for it");
  }
  auto username = given_or_asked(flags.username, "User", address->username, questions);
  if (!username) return fail(std::move(username.error()));
  if (username->empty()) return fail(ErrorCode::kInvalidArgument, "no user was named");
  address->username = std::move(*username);
  return address;
}

// A file's name of "vc.example.com:8443".
std::string file_name_of(std::string authority) {
  for (char& c : authority) {
    if (c == ':' || c == '[' || c == ']') c = '_';
  }
  return authority;
}

}  // namespace

Result<Setup> ask_setup(const OneOffFlags& flags, std::string config_path, std::string database,
                        const Questions& questions) {
  Setup setup;
  setup.config_path = std::filesystem::absolute(config_path).string();
  setup.database = database.empty() ? "" : std::filesystem::absolute(database).string();
  setup.ca_file = flags.ca_file.empty() ? "" : std::filesystem::absolute(flags.ca_file).string();
  setup.thumbprint = flags.thumbprint;
  auto address = address_with(flags, questions);
  if (!address) return fail(std::move(address.error()));
  setup.vcenter = std::move(*address);
  const auto folder = std::filesystem::path(setup.config_path).parent_path();
  auto login = login_with(setup.vcenter.username, flags.password_file,
                          folder / (file_name_of(setup.vcenter.authority) + ".password"),
                          "at " + setup.vcenter.authority, questions);
  if (!login) return fail(std::move(login.error()));
  setup.login = std::move(*login);
  auto guest = given_or_asked(
      flags.guest_username, "User in the Linux guests, to read them (empty: none)", "", questions);
  if (!guest) return fail(std::move(guest.error()));
  if (guest->empty()) return setup;
  auto guest_login = login_with(std::move(*guest), flags.guest_password_file,
                                folder / "guest.password", "in the guests", questions);
  if (!guest_login) return fail(std::move(guest_login.error()));
  setup.guest = std::move(*guest_login);
  return setup;
}

}  // namespace ballast::cli
