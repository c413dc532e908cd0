// Guest operations end to end: a program in the guest, its output fetched, its file removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/client/client_bench.h"

namespace ballast::vsphere::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kCapture = "w_vmw_balloon_shim_2m/512";

json scenario() {
  const auto guest = [](const std::string& name, json more = json::object()) {
    more["name"] = name;
    more["capture"] = kCapture;
    return more;
  };
  return {
      {"guests",
       {guest("ok"), guest("sized", {{"transfer", "sized"}}),
        guest("wrong", {{"behaviour", "wrong_password"}}),
        guest("disabled", {{"behaviour", "operations_disabled"}}),
        guest("unavailable", {{"behaviour", "operations_unavailable"}}),
        guest("denied", {{"behaviour", "permission_denied"}}), guest("off", {{"power", "off"}}),
        guest("endless", {{"behaviour", "endless"}}), guest("huge", {{"behaviour", "huge_output"}}),
        guest("broken", {{"behaviour", "transfer_fails"}}),
        guest("gone", {{"behaviour", "transfer_fails"}, {"transfer_status", 404}})}}};
}

class ClientGuest : public testing::Test {
 protected:
  explicit ClientGuest(lab::LabOptions options = {.plain = true}, const json& lab = scenario())
      : bench_(lab, options) {}

  std::string moref(const std::string& name) {
    const json truth = bench_.lab().get("/truth");
    for (const auto& vm : truth["vms"]) {
      if (vm["name"] == name) return vm["moref"];
    }
    throw std::runtime_error("no VM " + name);
  }

  collector::GuestCredentials login() {
    return {bench_.lab().ready().guest_username, Secret(bench_.lab().ready().guest_password)};
  }

  Result<std::string> make_file(Client& client, const std::string& vm) {
    return bench_.sync(
        client.guests().create_temporary_file(moref(vm), login(), "ballast-", ".txt"));
  }

  using Process = std::optional<collector::GuestProcess>;

  // Runs `command` in a shell of the guest to its end.
  Process run(Client& client, const std::string& vm, const std::string& command) {
    const auto pid = unwrap(bench_.sync(
        client.guests().start_program(moref(vm), login(), "/bin/sh", "-c '" + command + "'", {})));
    while (true) {
      const auto process = unwrap(bench_.sync(client.guests().process(moref(vm), login(), pid)));
      if (!process || process->ended) return process;
      bench_.sync(sleep_for(std::chrono::milliseconds(10)));
    }
  }

  Result<std::string> fetch(Client& client, const std::string& vm, const std::string& path,
                            const std::string& host_thumbprint = "") {
    return bench_.sync(
        client.guests().read_file(moref(vm), login(), path, host_thumbprint, 1 << 20));
  }

  ClientBench bench_;
};

TEST_F(ClientGuest, RunsAProgramAndFetchesItsOutput) {
  auto& client = bench_.connect();
  for (const char* vm : {"ok", "sized"}) {
    const auto path = unwrap(make_file(client, vm));
    EXPECT_THAT(path, AllOf(HasSubstr("ballast-"), HasSubstr(".txt")));
    const auto process = run(client, vm, "cat /proc/meminfo >\"" + path + "\"; exit 3");
    ASSERT_TRUE(process);
    EXPECT_TRUE(process->ended);
    EXPECT_EQ(process->exit_code, 3);
    const auto text = unwrap(fetch(client, vm, path));
    EXPECT_THAT(text, AllOf(HasSubstr("MemTotal:"), HasSubstr("DirectMap"))) << vm;
    EXPECT_THAT(bench_.stats()["leftover_files"], Not(IsEmpty()));
    EXPECT_TRUE(bench_.sync(client.guests().delete_file(moref(vm), login(), path)));
    EXPECT_THAT(bench_.stats()["leftover_files"], IsEmpty());
  }
}

TEST_F(ClientGuest, FaultsKeepTheirNames) {
  auto& client = bench_.connect();
  const struct {
    const char* vm;
    const char* fault;
  } rows[] = {{"wrong", "InvalidGuestLogin"},
              {"disabled", "OperationDisabledByGuest"},
              {"unavailable", "GuestOperationsUnavailable"},
              {"denied", "GuestPermissionDenied"},
              {"off", "InvalidPowerState"}};
  for (const auto& row : rows) {
    const auto path = make_file(client, row.vm);
    ASSERT_FALSE(path) << row.vm;
    EXPECT_EQ(path.error().fault, row.fault);
    EXPECT_EQ(path.error().code, ErrorCode::kFault);
    EXPECT_THAT(path.error().message, HasSubstr("lab: creating a temporary file in the guest of"));
    EXPECT_THAT(path.error().hint, Not(IsEmpty()));
  }
  const auto nobody =
      bench_.sync(client.guests().create_temporary_file("vm-999999", login(), "a", "b"));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().fault, "ManagedObjectNotFound");
  const auto nothing = fetch(client, "ok", "/tmp/nothing-here");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().fault, "FileNotFound");
}

// A vMotion or a snapshot takes seconds; nobody is to lose a probe, or a file in the guest, to it.
TEST_F(ClientGuest, BusyVmIsAskedAgain) {
  auto& client = bench_.connect();
  bench_.lab().post("/guest?name=ok", {{"busy", 2}});
  const auto file = make_file(client, "ok");
  ASSERT_TRUE(file) << file.error().sentence();
  bench_.lab().post("/guest?name=ok", {{"busy", 1}});
  EXPECT_TRUE(bench_.sync(client.guests().delete_file(moref("ok"), login(), *file)));
  EXPECT_THAT(bench_.stats()["leftover_files"], IsEmpty());
  bench_.lab().post("/guest?name=ok", {{"busy", 1000}});
  EXPECT_EQ(make_file(client, "ok").error().fault, "TaskInProgress") << "but not for ever";
}

TEST_F(ClientGuest, MissingPrivilegeIsNamed) {
  auto& client = bench_.connect();
  bench_.lab().post(
      "/faults",
      json::array(
          {{{"method", "StartProgramInGuest"}, {"kind", "fault"}, {"fault", "NoPermission"}}}));
  const auto pid =
      bench_.sync(client.guests().start_program(moref("ok"), login(), "/bin/sh", "-c true", {}));
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, ErrorCode::kPermission);
}

TEST_F(ClientGuest, UnknownProcessIsNotKnown) {
  auto& client = bench_.connect();
  const auto process =
      unwrap(bench_.sync(client.guests().process(moref("ok"), login(), 99'999'999)));
  EXPECT_FALSE(process);
}

TEST_F(ClientGuest, EndlessProgramIsTerminated) {
  auto& client = bench_.connect();
  const auto pid = unwrap(bench_.sync(
      client.guests().start_program(moref("endless"), login(), "/bin/sh", "-c true", {})));
  auto process = unwrap(bench_.sync(client.guests().process(moref("endless"), login(), pid)));
  ASSERT_TRUE(process);
  EXPECT_EQ(process->pid, pid);
  EXPECT_FALSE(process->ended);
  unwrap(bench_.sync(client.guests().terminate_process(moref("endless"), login(), pid)));
  while (process && !process->ended) {
    bench_.sync(sleep_for(std::chrono::milliseconds(10)));
    process = unwrap(bench_.sync(client.guests().process(moref("endless"), login(), pid)));
  }
  EXPECT_EQ(bench_.stats()["running_programs"], 0);
}

TEST_F(ClientGuest, TooLargeAndFailingTransfers) {
  auto& client = bench_.connect();
  const struct {
    const char* vm;
    ErrorCode code;
  } rows[] = {{"huge", ErrorCode::kTooLarge},
              {"broken", ErrorCode::kProtocol},
              {"gone", ErrorCode::kProtocol}};
  for (const auto& row : rows) {
    const auto path = unwrap(make_file(client, row.vm));
    const auto text = fetch(client, row.vm, path);
    ASSERT_FALSE(text) << row.vm;
    EXPECT_EQ(text.error().code, row.code) << row.vm << ": " << text.error().sentence();
    EXPECT_THAT(text.error().message,
                AllOf(HasSubstr("lab: fetching a file of the guest: "), Not(HasSubstr("token"))));
  }
}

TEST_F(ClientGuest, SessionLostBetweenOperationsIsRenewed) {
  auto& client = bench_.connect();
  bench_.lab().post(
      "/faults",
      json::array(
          {{{"method", "CreateTemporaryFileInGuest"}, {"count", 1}, {"kind", "drop_session"}}}));
  EXPECT_TRUE(make_file(client, "ok"));
  EXPECT_EQ(bench_.calls("Login"), 2);
}

// Files come from the VM's host, which has an address and a certificate of its own.
json scenario_of_hosts() {
  json out = scenario();
  out["transfer"] = {{"from_hosts", true}};
  return out;
}

class ClientGuestTls : public ClientGuest {
 protected:
  ClientGuestTls() : ClientGuest({.plain = false}, scenario_of_hosts()) {}

  Result<std::string> fetch_from_host(Client& client, const std::string& thumbprint) {
    return fetch(client, "ok", unwrap(make_file(client, "ok")), thumbprint);
  }
};

TEST_F(ClientGuestTls, HostIsTrustedByTheThumbprintThatVcenterReports) {
  auto options = bench_.options();
  options.trust = {{}, bench_.lab().ready().thumbprint_sha256, false};
  auto& client = bench_.connect(options);
  for (const std::string& wrong : {std::string(40, 'a'), std::string()}) {
    const auto file = fetch_from_host(client, wrong);
    ASSERT_FALSE(file) << wrong;
    const auto expected = wrong.empty() ? ErrorCode::kTls : ErrorCode::kHostUnreachable;
    EXPECT_EQ(file.error().code, expected) << wrong << ": " << file.error().message;
  }
  const auto hosts = unwrap(bench_.sync(client.hosts()));
  const std::string sha1 = hosts.at(0).ssl_thumbprint;
  EXPECT_EQ(sha1.size(), 59u) << sha1;
  EXPECT_TRUE(fetch_from_host(client, sha1));
  EXPECT_TRUE(fetch_from_host(client, std::string(40, 'b'))) << "the VM may have moved";
}

TEST_F(ClientGuestTls, HostIsTrustedByTheCa) {
  auto& client = bench_.connect();
  EXPECT_TRUE(fetch_from_host(client, ""));
}

}  // namespace
}  // namespace ballast::vsphere::test
