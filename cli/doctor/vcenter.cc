#include "cli/doctor/vcenter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/thrown.h"
#include "base/time.h"
#include "base/words.h"
#include "cli/doctor/guest.h"
#include "cli/doctor/network.h"
#include "cli/wiring.h"
#include "collector/choice/guest_choice.h"
#include "collector/probe/guestinfo_reader.h"
#include "collector/scope/scoped_vcenter.h"

namespace ballast::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kClocksApart{30'000};
constexpr int kFirstWithGuestOperations = 5;  // vSphere API

constexpr const char* kGrantAtRoot = "grant the role on the root folder, with propagation";
constexpr const char* kSeeTags = "Read-only as a global permission, without which nobody sees tags";
constexpr const char* kSeeVcenter = "see what vCenter's own log says, then try again";

constexpr std::array<std::string_view, 10> kVcenterChecks = {
    "name lookup",      "TCP connection", "TLS",       "login", "API version", "clock", "hosts",
    "virtual machines", kGuestLoginCheck, "privileges"};

int major_of(const std::string& version) {
  int major = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), major);
  return parsed.ec == std::errc() ? major : kFirstWithGuestOperations;
}

// "as LAB\\monitor, with a token of vCenter's single sign-on, good until 2026-11-28T12:00:00Z"
std::string login_in_words(const collector::VcenterConfig& vcenter,
                           const vsphere::LoggedIn& login) {
  const auto& user = vcenter.username.empty() ? login.user : vcenter.username;
  std::string words = "as " + user;
  switch (vcenter.login) {
    case collector::LoginKind::kPassword:
      return words + ", with a password";
    case collector::LoginKind::kSso:
      words += ", with a token of vCenter's single sign-on";
      break;
    case collector::LoginKind::kToken:
      words += vcenter.token.kind == collector::SecretSource::Kind::kFile
                   ? ", with the token of token_file"
                   : ", with the token of token_command";
      break;
  }
  if (login.token_until) words += ", good until " + format_iso8601(*login.token_until);
  return words;
}

// Runs the steps behind the login in order; each adds its own check.
class VcenterDoctor {
 public:
  VcenterDoctor(vsphere::Client& client, const VcenterToCheck& target, CheckList& list)
      : client_(client),
        target_(target),
        list_(list),
        scoped_(client, target.vcenter.name, target.vcenter.scope),
        limited_to_(collector::describe(target.vcenter.scope)) {
    if (target.rules != nullptr) logins_.emplace(*target.rules, facts_);
  }

  Awaitable<void> run();

 private:
  Awaitable<bool> log_in();
  Awaitable<void> compare_clocks();
  Awaitable<void> check_privileges();
  Awaitable<void> read_hosts();
  Awaitable<void> read_facts();
  Awaitable<bool> read_vms();
  Awaitable<std::optional<Error>> read_pages(collector::VmPages& listing);
  Awaitable<void> probe();
  void skip_probe(CheckState state, const std::string& why, const std::string& hint);
  void skip_probe_of_all();
  void look_at(const model::VmView& vm);
  void list_logins();

  vsphere::Client& client_;
  const VcenterToCheck& target_;
  CheckList& list_;
  collector::ScopedVcenter scoped_;  // what a scan sees of it
  std::string limited_to_;           // "" if that is all
  collector::GuestFacts facts_;      // what the rules for logins go by
  std::size_t vms_ = 0;
  std::size_t selected_ = 0;
  std::optional<model::VmView> first_;
  std::optional<model::VmView> candidate_;  // the one to probe
  std::map<model::UnknownReason, std::size_t> left_out_;
  std::optional<LoginUses> logins_;
};

Awaitable<void> VcenterDoctor::run() {
  if (co_await log_in()) {
    co_await compare_clocks();
    co_await read_hosts();
    co_await read_facts();
    const bool vms_read = co_await read_vms();
    if (vms_read) list_logins();
    co_await check_privileges();
    if (vms_read) co_await probe();
  }
  co_await client_.disconnect();
}

Awaitable<bool> VcenterDoctor::log_in() {
  list_.begin();
  const auto about = co_await scoped_.connect();
  if (!about) {
    list_.add_failure("login", about.error(), kSeeVcenter);
    co_return false;
  }
  list_.add("login", CheckState::kOk, login_in_words(target_.vcenter, client_.logged_in()));
  const auto version = fmt::format("{}, API {}", about->full_name, about->api_version);
  if (major_of(about->api_version) < kFirstWithGuestOperations) {
    list_.add("API version", CheckState::kFailed, version,
              "guest operations begin with vSphere 5.0: update the server");
  } else {
    list_.add("API version", CheckState::kOk, version);
  }
  co_return true;
}

Awaitable<void> VcenterDoctor::compare_clocks() {
  list_.begin();
  const auto time = co_await client_.current_time();
  if (!time) {
    list_.add_failure("clock", time.error(), kSeeVcenter);
    co_return;
  }
  const milliseconds ahead = *time - now_utc();
  const milliseconds apart{std::abs(ahead.count())};
  std::string detail = fmt::format("vCenter's clock is {} {} ours", format_duration(apart),
                                   ahead.count() < 0 ? "behind" : "ahead of");
  if (apart <= kClocksApart) {
    list_.add("clock", CheckState::kOk, std::move(detail));
  } else {
    list_.add("clock", CheckState::kWarning, std::move(detail),
              "let both follow the same NTP servers");
  }
}

// On a VM, because a role need not be for the whole inventory: on the one that would be probed, else
// on any; without VMs on the root folder.
Awaitable<void> VcenterDoctor::check_privileges() {
  list_.begin();
  const auto& vm = candidate_ ? candidate_ : first_;
  std::string moref;
  if (vm) moref = vm->moref;
  const auto privileges = co_await client_.privileges(std::move(moref));
  if (!privileges) {
    list_.add_failure("privileges", privileges.error(), kSeeVcenter);
    co_return;
  }
  std::vector<std::string> missing;
  for (const auto& privilege : *privileges) {
    if (!privilege.held) missing.push_back(privilege.id);
  }
  std::string where = "on the root folder";
  if (vm) where = fmt::format("on {}", vm->name);
  if (missing.empty()) {
    list_.add("privileges", CheckState::kOk,
              fmt::format("all {} that are needed are held {}", privileges->size(), where));
  } else {
    list_.add("privileges", CheckState::kFailed,
              fmt::format("missing {} of {} {}: {}", missing.size(), privileges->size(), where,
                          fmt::join(missing, ", ")),
              "add them to the user's role, on the folder of the VMs or on the root folder, with "
              "propagation; README.md has the role");
  }
}

// A scan does without them, but then nobody knows causes.
Awaitable<void> VcenterDoctor::read_hosts() {
  list_.begin();
  const auto hosts = co_await client_.hosts();
  if (!hosts) {
    list_.add_failure("hosts", hosts.error(), kGrantAtRoot);
    co_return;
  }
  for (const auto& host : *hosts) facts_.hosts.emplace(host.moref, host);
  list_.add("hosts", hosts->empty() ? CheckState::kWarning : CheckState::kOk,
            fmt::format("{} visible", hosts->size()), hosts->empty() ? kGrantAtRoot : "");
}

// Only where a login depends on them.
Awaitable<void> VcenterDoctor::read_facts() {
  if (target_.rules == nullptr) co_return;
  list_.begin();
  co_await collector::read_guest_facts(scoped_, *target_.rules, facts_);
  if (facts_.folders_error) {
    list_.add_failure("folders", *facts_.folders_error, kGrantAtRoot);
  } else if (collector::needs_folders(*target_.rules)) {
    list_.add("folders", CheckState::kOk, fmt::format("{} visible", facts_.folders.size()));
  }
  if (facts_.tags_error) {
    list_.add_failure("tags", *facts_.tags_error, kSeeTags);
  } else if (!collector::needed_tags(*target_.rules).empty()) {
    list_.add("tags", CheckState::kOk, "read");
  }
}

void VcenterDoctor::look_at(const model::VmView& vm) {
  ++vms_;
  if (!first_) first_ = vm;
  const bool named = !target_.guest.empty() && vm.name == target_.guest;
  if (named && !candidate_) candidate_ = vm;
  if (target_.rules == nullptr) return;
  const auto selection = collector::select_guest(vm, *target_.rules, facts_);
  logins_->note(vm, selection);
  if (const auto* reason = std::get_if<model::UnknownReason>(&selection)) {
    ++left_out_[*reason];
    return;
  }
  ++selected_;
  if (target_.guest.empty() && !candidate_) candidate_ = vm;
}

void VcenterDoctor::list_logins() {
  if (logins_) {
    logins_->add_to(list_);
  } else {
    list_.skip(kGuestLoginCheck, "the guests' passwords could not be fetched");
  }
}

Awaitable<std::optional<Error>> VcenterDoctor::read_pages(collector::VmPages& listing) {
  for (;;) {
    const auto page = co_await listing.next();
    if (!page) co_return page.error();
    if (page->empty()) co_return std::nullopt;
    for (const auto& vm : *page) look_at(vm);
  }
}

Awaitable<bool> VcenterDoctor::read_vms() {
  list_.begin();
  collector::Vcenter* seen = &client_;
  if (!limited_to_.empty()) seen = &scoped_;
  auto listing = co_await seen->list_vms();
  if (!listing) {
    list_.add_failure("virtual machines", listing.error(), kGrantAtRoot);
    co_return false;
  }
  const auto error = co_await read_pages(**listing);
  co_await (*listing)->close();
  if (error) {
    list_.add_failure("virtual machines", *error, kSeeVcenter);
    co_return false;
  }
  list_.add("virtual machines", vms_ == 0 ? CheckState::kWarning : CheckState::kOk,
            fmt::format("{} visible, {} would be probed{}", vms_, selected_,
                        limited_to_.empty() ? "" : "; the scan is limited to " + limited_to_),
            vms_ == 0 ? kGrantAtRoot : "");
  co_return true;
}

void VcenterDoctor::skip_probe(CheckState state, const std::string& why, const std::string& hint) {
  for (const auto step : kGuestChecks) {
    if (step != kGuestChecks.back()) list_.skip(step, "no guest was probed");
  }
  list_.begin();
  list_.add(kGuestChecks.back(), state, why, hint);
}

// Says what keeps most of the guests from being probed.
void VcenterDoctor::skip_probe_of_all() {
  const auto most =
      std::max_element(left_out_.begin(), left_out_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == left_out_.end()) {
    skip_probe(CheckState::kSkipped, "no guest would be probed", "");
    return;
  }
  skip_probe(CheckState::kSkipped,
             fmt::format("no guest would be probed; {} of {}: {}", most->second, vms_,
                         model::describe(most->first)),
             std::string(model::remedy(most->first)));
}

Awaitable<void> VcenterDoctor::probe() {
  if (target_.rules == nullptr) {
    skip_probe(CheckState::kSkipped, "not tried: the guests' passwords could not be fetched", "");
    co_return;
  }
  if (!candidate_ && !target_.guest.empty()) {
    const bool is_limited = !limited_to_.empty();
    skip_probe(CheckState::kFailed,
               fmt::format("no VM {}is named \"{}\"",
                           is_limited ? "in what the scan is limited to " : "", target_.guest),
               is_limited ? "see its name in vCenter, and " + limited_to_
                          : std::string("see its name in vCenter"));
    co_return;
  }
  if (!candidate_) {
    skip_probe_of_all();
    co_return;
  }
  const auto selection = collector::select_guest(*candidate_, *target_.rules, facts_);
  if (const auto* reason = std::get_if<model::UnknownReason>(&selection)) {
    skip_probe(CheckState::kFailed,
               fmt::format("{}: {}", candidate_->name, model::describe(*reason)),
               std::string(model::remedy(*reason)));
    co_return;
  }
  const auto scan = scan_options(target_.vcenter, target_.guests, *target_.rules);
  model::VmView vm = *candidate_;
  if (std::holds_alternative<collector::OwnReport>(selection)) {
    co_await check_report(client_, std::move(vm), scan.longest_report_age, list_);
    co_return;
  }
  const auto host = facts_.hosts.find(candidate_->host_moref);
  const bool is_known = host != facts_.hosts.end();
  collector::ProbeTarget guest{candidate_->moref,
                               is_known ? host->second.ssl_thumbprint : std::string(),
                               std::get<const collector::GuestLoginRule*>(selection)->credentials};
  TaskGroup readings(co_await boost::asio::this_coro::executor);
  collector::GuestinfoReader guestinfo(co_await boost::asio::this_coro::executor, readings, client_,
                                       scan.guestinfo_gathering);
  guest.channels = scan.channels;
  guest.guestinfo = &guestinfo;
  Thrown thrown;
  try {
    co_await check_guest(client_.guests(), std::move(vm), std::move(guest), scan.probe, list_);
  } catch (...) {
    thrown.add(std::current_exception());
  }
  try {
    co_await readings.join();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  thrown.rethrow();
}

Awaitable<void> check_behind_the_door(boost::asio::any_io_executor executor,
                                      boost::asio::thread_pool& pool, const VcenterToCheck& target,
                                      vsphere::ClientOptions options, CheckList& list) {
  const auto client = make_client(executor, pool, std::move(options));
  if (!client) {
    list.add_failure("login", client.error(), "correct this vCenter's configuration");
    co_return;
  }
  VcenterDoctor doctor(**client, target, list);
  co_await doctor.run();
}

}  // namespace

Awaitable<std::vector<Check>> check_vcenter(boost::asio::any_io_executor executor,
                                            boost::asio::thread_pool& pool, VcenterToCheck target) {
  CheckList list(target.vcenter.name);
  auto options = client_options(target.vcenter, target.guests);
  if (options && target.vcenter.login == collector::LoginKind::kToken) {
    list.skip("password", "not needed: the login takes a token");
  } else if (options) {
    list.add("password", CheckState::kOk, "fetched");
  } else {
    list.add_failure("password", options.error(), "correct this vCenter's password_* setting");
  }
  const bool reached = co_await check_network(target.vcenter, list);
  if (reached && options) {
    co_await check_behind_the_door(executor, pool, target, std::move(*options), list);
  }
  list.skip_rest(kVcenterChecks);
  list.skip_rest(kGuestChecks);
  co_return list.take();
}

}  // namespace ballast::cli
