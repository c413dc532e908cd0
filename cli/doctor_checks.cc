#include "cli/doctor_checks.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/wording.h"
#include "collector/guest_probe.h"
#include "collector/judge_guest.h"
#include "storage/queries.h"

namespace ballast::cli {

namespace {

using std::chrono::milliseconds;

// Runs the steps of one vCenter in order and keeps what each found.
class VcenterDoctor {
 public:
  VcenterDoctor(Connection& connection, const collector::SelectionRules& rules, std::string guest)
      : client_(*connection.client),
        vcenter_(*connection.vcenter),
        rules_(rules),
        guest_(std::move(guest)) {}

  Awaitable<std::vector<Check>> run();

 private:
  using Clock = std::chrono::steady_clock;

  Awaitable<bool> connect();
  Awaitable<void> compare_clocks();
  Awaitable<void> check_privileges();
  Awaitable<bool> read_hosts();
  Awaitable<bool> read_vms();
  Awaitable<std::optional<Error>> read_pages(vsphere::VmListing& listing);
  Awaitable<void> probe();
  void look_at(const model::VmView& vm);
  void begin() { started_ = Clock::now(); }
  void add(const char* what, CheckState state, std::string detail, std::string hint = {});
  void add_failure(const char* what, const Error& error) {
    add(what, CheckState::kFailed, error.message, error.hint);
  }

  vsphere::Client& client_;
  VcenterAdapter& vcenter_;
  const collector::SelectionRules& rules_;
  std::string guest_;
  Clock::time_point started_;
  std::vector<Check> checks_;
  std::map<std::string, model::Host> hosts_;
  std::size_t vms_ = 0;
  std::size_t selected_ = 0;
  std::optional<model::VmView> candidate_;
};

void VcenterDoctor::add(const char* what, CheckState state, std::string detail, std::string hint) {
  const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - started_);
  checks_.push_back({client_.name(), what, state, std::move(detail), std::move(hint), took});
}

Awaitable<std::vector<Check>> VcenterDoctor::run() {
  if (co_await connect()) {
    co_await compare_clocks();
    co_await check_privileges();
    const bool hosts_read = co_await read_hosts();
    const bool vms_read = hosts_read && co_await read_vms();
    if (vms_read) co_await probe();
  }
  co_await client_.disconnect();
  co_return checks_;
}

Awaitable<bool> VcenterDoctor::connect() {
  begin();
  const auto about = co_await client_.connect();
  if (!about) {
    add_failure("login", about.error());
    co_return false;
  }
  add("login", CheckState::kOk, fmt::format("{}, API {}", about->full_name, about->api_version));
  co_return true;
}

Awaitable<void> VcenterDoctor::compare_clocks() {
  constexpr milliseconds kAcceptable{30'000};
  begin();
  const auto time = co_await client_.current_time();
  if (!time) {
    add_failure("clock", time.error());
    co_return;
  }
  const milliseconds ahead = *time - now_utc();
  const milliseconds apart{std::abs(ahead.count())};
  const std::string detail = fmt::format("vCenter's clock is {} {} ours", format_duration(apart),
                                         ahead.count() < 0 ? "behind" : "ahead of");
  if (apart <= kAcceptable) {
    add("clock", CheckState::kOk, detail);
  } else {
    add("clock", CheckState::kWarning, detail, "let both follow the same NTP servers");
  }
}

Awaitable<void> VcenterDoctor::check_privileges() {
  begin();
  const auto privileges = co_await client_.privileges();
  if (!privileges) {
    add_failure("privileges", privileges.error());
    co_return;
  }
  std::vector<std::string> missing;
  for (const auto& privilege : *privileges) {
    if (!privilege.held) missing.push_back(privilege.id);
  }
  if (missing.empty()) {
    add("privileges", CheckState::kOk,
        fmt::format("all {} that are needed are held", privileges->size()));
  } else {
    add("privileges", CheckState::kFailed, fmt::format("missing {}", fmt::join(missing, ", ")),
        "add them to the user's role on the root folder, with propagation; README.md has the role");
  }
}

Awaitable<bool> VcenterDoctor::read_hosts() {
  begin();
  const auto hosts = co_await client_.hosts();
  if (!hosts) {
    add_failure("hosts", hosts.error());
    co_return false;
  }
  for (const auto& host : *hosts) hosts_.emplace(host.moref, host);
  add("hosts", hosts_.empty() ? CheckState::kWarning : CheckState::kOk,
      fmt::format("{} visible", hosts_.size()),
      hosts_.empty() ? "grant the role on the root folder, with propagation" : "");
  co_return true;
}

void VcenterDoctor::look_at(const model::VmView& vm) {
  ++vms_;
  const auto selection = collector::select_guest(vm, rules_);
  const bool selected = std::holds_alternative<const collector::GuestCredentials*>(selection);
  if (selected) ++selected_;
  const bool wanted = guest_.empty() ? selected && !candidate_ : vm.name == guest_;
  if (wanted) candidate_ = vm;
}

Awaitable<std::optional<Error>> VcenterDoctor::read_pages(vsphere::VmListing& listing) {
  for (;;) {
    const auto page = co_await listing.next();
    if (!page) co_return page.error();
    if (page->empty()) co_return std::nullopt;
    for (const auto& vm : *page) look_at(vm);
  }
}

Awaitable<bool> VcenterDoctor::read_vms() {
  begin();
  auto listing = co_await client_.list_vms();
  if (!listing) {
    add_failure("virtual machines", listing.error());
    co_return false;
  }
  const auto error = co_await read_pages(**listing);
  co_await (*listing)->close();
  if (error) {
    add_failure("virtual machines", *error);
    co_return false;
  }
  add("virtual machines", vms_ == 0 ? CheckState::kWarning : CheckState::kOk,
      fmt::format("{} visible, {} would be probed", vms_, selected_),
      vms_ == 0 ? "grant the role on the root folder, with propagation" : "");
  co_return true;
}

Awaitable<void> VcenterDoctor::probe() {
  begin();
  if (!candidate_) {
    const bool named = !guest_.empty();
    add("guest probe", named ? CheckState::kFailed : CheckState::kSkipped,
        named ? fmt::format("no VM is named \"{}\"", guest_) : "no guest would be probed",
        named ? "see its name in vCenter" : "give a guest login in the [guest] section");
    co_return;
  }
  const auto selection = collector::select_guest(*candidate_, rules_);
  if (const auto* reason = std::get_if<model::UnknownReason>(&selection)) {
    add("guest probe", CheckState::kFailed,
        fmt::format("{}: {}", candidate_->name, model::describe(*reason)),
        std::string(model::remedy(*reason)));
    co_return;
  }
  const auto host = hosts_.find(candidate_->host_moref);
  collector::ProbeTarget target{candidate_->moref,
                                host == hosts_.end() ? std::string() : host->second.ssl_thumbprint,
                                *std::get<const collector::GuestCredentials*>(selection)};
  collector::ProbeOptions options;
  auto outcome = co_await collector::probe_guest(vcenter_.guests(), std::move(target), options);
  if (outcome.reason != model::UnknownReason::kNone) {
    add("guest probe", CheckState::kFailed, fmt::format("{}: {}", candidate_->name, outcome.detail),
        std::string(model::remedy(outcome.reason)));
    co_return;
  }
  const auto guest = collector::understand_guest(outcome.output, now_utc());
  if (!guest) {
    add("guest probe", CheckState::kFailed,
        fmt::format("{}: {}", candidate_->name, guest.error().sentence()));
    co_return;
  }
  add("guest probe", CheckState::kOk,
      fmt::format("{}: Linux {}, {} unaccounted of {}", candidate_->name,
                  guest->reading.kernel_release, format_size(guest->account.unaccounted_kib),
                  format_size(guest->account.mem_total_kib)));
}

}  // namespace

Check check_store(const std::string& path) {
  Check check{"database", path, CheckState::kOk, {}, {}, {}};
  const auto health = storage::check_database(path);
  if (!health && health.error().code == ErrorCode::kNotFound) {
    check.detail = "does not exist yet; the first scan creates it";
  } else if (!health) {
    check.state = CheckState::kFailed;
    check.detail = health.error().message;
    check.hint = health.error().hint;
  } else if (!health->ok) {
    check.state = CheckState::kFailed;
    check.detail = fmt::format("{}", fmt::join(health->problems, "; "));
    check.hint = "restore it from a backup, or move it away and scan anew";
  } else {
    check.detail = fmt::format("{} in {}", counted(health->scans, "scan"),
                               format_size(kib_from_bytes(health->file_bytes)));
  }
  return check;
}

Awaitable<std::vector<Check>> check_vcenter(Connection& connection,
                                            const collector::SelectionRules& rules,
                                            std::string guest) {
  VcenterDoctor doctor(connection, rules, std::move(guest));
  co_return co_await doctor.run();
}

}  // namespace ballast::cli
