#include "tests/storage/fixtures.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <grp.h>

namespace ballast::storage {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ballast-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  ::chmod(pattern.c_str(), 0755);
  path_ = pattern;
}

TempDir::~TempDir() {
  ::chmod(path_.c_str(), 0755);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

model::VcenterAbout make_about(const std::string& uuid) {
  return {uuid, "VMware vCenter Server 8.0.2 build-22617221", "8.0.2.0"};
}

model::Host make_host(int number) {
  model::Host host;
  host.moref = fmt::format("host-{}", number);
  host.name = fmt::format("esx{:02}.example.org", number);
  host.cluster = number % 2 == 0 ? "cluster-a" : "cluster-b";
  host.datacenter = "dc1";
  host.memory_kib = 536'870'912;
  host.memory_usage_kib = 400'000'000 + number * 1024;
  host.ssl_thumbprint = "AA:BB";
  host.memory_state = number % 5;
  return host;
}

model::VmView make_vm(int number) {
  model::VmView vm;
  vm.moref = fmt::format("vm-{}", number);
  vm.name = fmt::format("web-{:05}", number);
  vm.instance_uuid = fmt::format("500c{:04x}-0000-4000-8000-{:012x}", number % 7, number);
  vm.bios_uuid = fmt::format("420c{:04x}-0000-4000-8000-{:012x}", number % 7, number);
  vm.host_moref = fmt::format("host-{}", number % 8);
  vm.pool_moref = fmt::format("resgroup-{}", number % 5);
  vm.power = model::PowerState::kPoweredOn;
  vm.connection = model::ConnectionState::kConnected;
  vm.tools = model::ToolsState::kRunning;
  vm.guest_operations_ready = true;
  vm.guest_family = "linuxGuest";
  vm.guest_id = "rhel8_64Guest";
  vm.configured_kib = 8'388'608;
  vm.allocation = {1'048'576, 6'291'456};
  vm.stats.balloon_kib = 524'288;
  vm.stats.consumed_kib = 1024 * (6100 + number % 900);
  vm.stats.active_kib = 1024 * (700 + number % 500);
  vm.stats.granted_kib = 1024 * (7600 + number % 300);
  vm.stats.swapped_kib = 2048;
  vm.stats.compressed_kib = 517;
  vm.stats.shared_kib = 1024 * (40 + number % 30);
  vm.stats.private_kib = 1024 * (6000 + number % 900);
  vm.stats.overhead_kib = 1024 * 61;
  vm.stats.uptime_s = 8'640'000 + number;
  vm.polled_at = kStart + std::chrono::milliseconds(1500 + number / 100);
  return vm;
}

model::VmResult make_result(int number) {
  model::VmResult result;
  result.vm = make_vm(number);
  model::GuestSample guest;
  guest.read_at = kStart + std::chrono::milliseconds(9000 + number);
  guest.reading.kernel_release = "4.18.0-348.el8.x86_64";
  guest.reading.boot_id = fmt::format("1c2d3e4f-0000-4000-8000-{:012x}", number);
  guest.reading.vmstat = {{"allocstall_normal", 1'204},
                          {"pgscan_direct", 90'817},
                          {"pgsteal_direct", 61'222},
                          {"pswpin", 40'010 + number},
                          {"pswpout", 79'360 + number},
                          {"workingset_refault_file", 512'344},
                          {"oom_kill", 2}};
  guest.reading.pressure = model::MemoryPressure{95'123'456, 40'000'001, 320, 12};
  guest.suspects = {{model::Consumer::kXfsBuffers, 421'888, ""},
                    {model::Consumer::kForeignModules, std::nullopt, "not stored"}};
  model::MemoryAccount& account = guest.account;
  account.era = model::KernelEra::kEl8;
  account.mem_total_kib = 7'990'272;
  account.parts = {{"free", 812'344 + number}, {"pcp", 3'120},          {"anon_lru", 4'210'388},
                   {"file_lru", 1'604'212},    {"unevictable", 12},     {"slab", 402'180},
                   {"kernel_stack", 9'232},    {"page_tables", 41'800}, {"vmalloc", 31'964},
                   {"percpu", 14'080}};
  std::int64_t accounted_kib = 0;
  for (const auto& part : account.parts) accounted_kib += part.kib;
  account.unaccounted_kib = account.mem_total_kib - accounted_kib;
  account.counter_error_kib = 2'000;
  account.missing = {"vmallocinfo was not readable: it needs root", "a second sentence"};
  account.driver_kib = 524'288;
  account.vmstat_kib = 524'284;
  account.lower_bound_kib = 520'192;
  result.guest = guest;

  result.judgement.verdict = model::Verdict::kBalloon;
  result.judgement.proof = model::Proof::kDriver;
  result.judgement.baseline = {14'336, 8'192, 0};
  result.judgement.tolerance = {{"counters", 2'000}, {"baseline", 8'192}, {"host_rounding", 1'024}};
  result.judgement.tolerance_kib = 11'216;
  result.judgement.reference_kib = 524'288;
  result.judgement.difference_kib = account.unaccounted_kib - 14'336 - 524'288;
  return result;
}

model::VmResult make_unread(int number, model::UnknownReason reason, const std::string& detail) {
  model::VmResult result;
  result.vm = make_vm(number);
  result.judgement.verdict = model::Verdict::kUnknown;
  result.judgement.reason = reason;
  result.detail = detail;
  return result;
}

std::vector<model::VmResult> make_fleet(int count) {
  std::vector<model::VmResult> fleet;
  for (int number = 1; number <= count; ++number) {
    fleet.push_back(number % 3 == 0 ? make_unread(number, model::UnknownReason::kNotSelected)
                                    : make_result(number));
  }
  return fleet;
}

ScanId begin(Store& store, const std::string& vcenter, const model::VcenterAbout& about,
             UtcTime started_at) {
  const ScanId scan =
      must(store.begin_scan(vcenter, "https://" + vcenter + ".example.org/sdk", started_at));
  must(store.write_vcenter(scan, about));
  return scan;
}

ScanId write_scan(Store& store, const std::vector<model::VmResult>& results,
                  model::ScanStatus status, const std::string& vcenter,
                  const model::VcenterAbout& about, UtcTime started_at) {
  const ScanId scan = begin(store, vcenter, about, started_at);
  std::vector<model::Host> hosts;
  for (int number = 0; number < 8; ++number) hosts.push_back(make_host(number));
  must(store.write_hosts(scan, hosts));
  must(store.write_results(scan, results));
  must(store.finish_scan(scan, status, started_at + std::chrono::seconds(60), ""));
  return scan;
}

std::vector<VmRow> rows_of(Queries& queries, ScanId scan) {
  std::vector<VmRow> rows;
  must(queries.for_each_vm(scan, [&](const VmRow& row) { rows.push_back(row); }));
  std::sort(rows.begin(), rows.end(),
            [](const VmRow& a, const VmRow& b) { return a.vm_id < b.vm_id; });
  return rows;
}

std::vector<std::string> names_in(const std::string& path, ScanId scan) {
  auto queries = must(Queries::open(path));
  std::vector<std::string> names;
  for (const VmRow& row : rows_of(*queries, scan)) names.push_back(row.vm.name);
  std::sort(names.begin(), names.end());
  return names;
}

void run_sql(const std::string& path, const std::string& sql) {
  SQLite::Database db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec(sql);
}

std::int64_t ask_sql(const std::string& path, const std::string& sql) {
  SQLite::Database db(path, SQLite::OPEN_READONLY);
  return db.execAndGet(sql).getInt64();
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

pid_t start_child(const std::function<int()>& job) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(99);
  ::_exit(job());
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int in_child(const std::function<int()>& job) { return wait_for(start_child(job)); }

std::string said_by_nobody(const std::function<std::string()>& job) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) std::abort();
  const int code = in_child([&] {
    become_nobody();
    const std::string said = job();
    return ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1;
  });
  ::close(ends[1]);
  std::string said(65'536, '\0');
  said.resize(
      static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[0], said.data(), said.size()))));
  ::close(ends[0]);
  EXPECT_EQ(code, 0);
  return said;
}

void become_nobody() {
  constexpr uid_t kNobody = 65534;
  if (::geteuid() != 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
      ::setresuid(kNobody, kNobody, kNobody) != 0) {
    ::_exit(98);
  }
}

}  // namespace ballast::storage
