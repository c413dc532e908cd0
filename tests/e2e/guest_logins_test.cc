// Which guests are handed which login: never those of another vCenter, and never those that only
// call themselves so.
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/e2e/harness/guest_fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Names = std::set<std::string>;

// The login of the databases, and another one for the rest; good in every guest, so that whoever
// gets one too many is asked on.
constexpr const char* kDatabases = "dbprobe";
constexpr const char* kRest = "probe";

// Two databases in the folder Prod, on a host of their own and with a tag, and something else.
json shop(int seed = 1) {
  json fleet = {{"seed", seed}, {"clusters", 2}, {"hosts_per_cluster", 1}};
  fleet["guest_login"] = {{"username", kDatabases}, {"password", "db-password"}};
  const json rest = {{"username", kRest}, {"password", "rest-password"}};
  fleet["pools"] = {{{"name", "databases"}, {"parent", "cluster-01"}},
                    {{"name", "others"}, {"parent", "cluster-02"}}};
  fleet["guests"] = {
      group("db-%d", {{"count", 2}, {"pool", "databases"}, {"folder", "Prod"}, {"tags", "Env/Db"}}),
      group("web", {{"pool", "others"}, {"folder", "Test"}, {"tags", "Env/Web"}, {"login", rest}})};
  return fleet;
}

// The user names that came with operations in a VM.
Names logins_in(const json& stats, const std::string& moref) {
  Names names;
  const auto found = stats["guest_logins"].find(moref);
  if (found == stats["guest_logins"].end()) return names;
  for (const auto& [user, count] : found->items()) names.insert(user);
  return names;
}

Names logins_anywhere(const lab::Lab& lab) {
  const json stats = lab.get("/stats");
  Names names;
  for (const auto& [moref, users] : stats["guest_logins"].items()) {
    names.merge(logins_in(stats, moref));
  }
  return names;
}

json vm_named(const lab::Lab& lab, const std::string& name) {
  const json truth = lab.get("/truth");
  for (const auto& vm : truth["vms"]) {
    if (vm["name"] == name) return vm;
  }
  ADD_FAILURE() << "the lab has no " << name;
  return {};
}

std::string section_of(const Workspace& workspace, const std::string& name, const lab::Lab& lab) {
  workspace.write(name + ".password", lab.ready().password);
  return fmt::format(
      "[[vcenter]]\nname = \"{}\"\nurl = \"{}\"\nusername = \"{}\"\n"
      "password_file = \"{}.password\"\nca_file = \"{}\"\n",
      name, lab.ready().url, lab.ready().username, name, lab.ready().ca_file);
}

std::string login_of(const Workspace& workspace, const std::string& user,
                     const std::string& password) {
  workspace.write(user + ".password", password);
  return fmt::format("username = \"{0}\"\npassword_file = \"{0}.password\"\n", user);
}

std::string the_rest(const Workspace& workspace, const std::string& vcenter) {
  return "[guest]\n" + vcenter + login_of(workspace, kRest, "rest-password") +
         "[storage]\npath = \"ballast.db\"\n";
}

// A vCenter whose guests are named and placed as those of the other one.
class TwoVcenters : public ::testing::Test {
 protected:
  // `whose`: the line that says whose guests get the login of the databases.
  void configure(const std::string& whose) {
    workspace.write("ballast.toml",
                    section_of(workspace, "ours", ours) + section_of(workspace, "theirs", theirs) +
                        "[[guest.override]]\nvm = \"db-*\"\nfolder = \"lab-dc/Prod\"\n" + whose +
                        login_of(workspace, kDatabases, "db-password") +
                        the_rest(workspace, "vcenter = \"theirs\"\n"));
  }
  RunResult run(std::vector<std::string> arguments) {
    return run_ballast(workspace, with_config(workspace, std::move(arguments)));
  }

  lab::Lab ours{shop()};
  lab::Lab theirs{shop(2)};
  Workspace workspace;
};

TEST_F(TwoVcenters, AHostileOneGetsNoLoginOfTheOthersGuests) {
  configure("vcenter = \"ours\"\n");
  const auto scan = run({"scan"});
  EXPECT_EQ(scan.exit_code, 3) << "two of theirs do not take the login of the rest\n" << scan.err;
  EXPECT_EQ(logins_anywhere(theirs), Names({kRest})) << "that one is for them";
  const auto doctor = run({"doctor"});
  EXPECT_THAT(doctor.out, HasSubstr("guest login"));
  EXPECT_EQ(logins_anywhere(ours), Names({kDatabases})) << "it was used where it belongs";
  EXPECT_EQ(logins_anywhere(theirs), Names({kRest}))
      << "its guests are named and placed as ours, so that it would get their login";
}

TEST_F(TwoVcenters, EveryVcenterGetsALoginOnlyAtTheAdministratorsWord) {
  configure("");
  const auto refused = run({"scan"});
  EXPECT_EQ(refused.exit_code, 2) << refused.out;
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("ballast.toml:13: which vCenter's guests get the login of dbprobe?"),
                    HasSubstr("vcenter = \"ours\"")));
  EXPECT_EQ(logins_anywhere(theirs), Names());
  configure("vcenter = \"*\"\n");
  const auto scan = run({"scan"});
  EXPECT_EQ(scan.exit_code, 0) << scan.err;
  EXPECT_TRUE(logins_anywhere(theirs).contains(kDatabases)) << "as it says";
}

// Labs of one seed tell the same instance UUID, as a server may that wants another's history.
TEST(GuestLogins, AServerThatPassesForAnotherIsRefused) {
  const lab::Lab ours(shop());
  const lab::Lab theirs(shop());
  const Workspace workspace;
  workspace.write("ballast.toml", section_of(workspace, "ours", ours) +
                                      section_of(workspace, "theirs", theirs) +
                                      the_rest(workspace, "vcenter = \"*\"\n"));
  const auto scan = [&](const char* vcenter) {
    return run_ballast(workspace, with_config(workspace, {"scan", "--vcenter", vcenter}));
  };
  EXPECT_EQ(scan("ours").exit_code, 3) << "two do not take the login of the rest";
  const auto refused = scan("theirs");
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("theirs says by its instance UUID that it is ours at "));
  EXPECT_EQ(logins_anywhere(theirs), Names()) << "no guest of it was asked";
}

TEST_F(TwoVcenters, APasswordIsFetchedOnlyForItsOwnVcenter) {
  configure("vcenter = \"ours\"\n");
  workspace.write(std::string(kDatabases) + ".password", "");
  const auto scan = run({"scan", "--vcenter", "theirs"});
  EXPECT_NE(scan.exit_code, 2) << "it needs no password of ours: " << scan.err;
  EXPECT_EQ(run({"scan", "--vcenter", "ours"}).exit_code, 2);
}

TEST_F(TwoVcenters, DoctorListsWhoGetsWhichLogin) {
  configure("vcenter = \"ours\"\n");
  // Theirs refuse the login of the rest, but for one.
  const json found = run_json(workspace, {"doctor"}, 1);
  std::set<std::string> told;
  for (const auto& check : found["checks"]) {
    if (check["check"] != "guest login") continue;
    told.insert(fmt::format("{}: {}", check["subject"].get<std::string>(),
                            check["detail"].get<std::string>()));
    const json& login = check["login"];
    EXPECT_EQ(login["guests"], check["subject"] == "ours" ? 2 : 3) << check;
  }
  EXPECT_EQ(told, (std::set<std::string>{
                      R"(ours: dbprobe (override 1, vm "db-*" and folder "lab-dc/Prod"): 2 guests)",
                      "theirs: probe ([guest], all others): 3 guests"}));
  EXPECT_THAT(found.dump(), AllOf(Not(HasSubstr("db-password")), Not(HasSubstr("rest-password"))));
}

// Of one vCenter: somebody renames their own VM to get the login of the databases.
class RenamedVm : public ::testing::Test {
 protected:
  RenamedVm() { lab.post("/guest?name=web", {{"name", "db-3"}}); }

  // Scans with a login for what these lines say; returns the names that the renamed VM saw.
  Names scan_with(const std::string& pattern) {
    workspace.write("ballast.toml", section_of(workspace, "lab", lab) + "[[guest.override]]\n" +
                                        pattern + login_of(workspace, kDatabases, "db-password") +
                                        the_rest(workspace, ""));
    const auto run = run_ballast(workspace, with_config(workspace, {"scan", "--retry"}));
    EXPECT_TRUE(run.exit_code == 0 || run.exit_code == 3) << pattern << run.err;
    const json stats = lab.get("/stats");
    EXPECT_EQ(logins_in(stats, vm_named(lab, "db-1")["moref"]), Names({kDatabases})) << pattern;
    return logins_in(stats, vm_named(lab, "web")["moref"]);
  }

  lab::Lab lab{shop()};
  Workspace workspace;
};

TEST_F(RenamedVm, DoesNotGetALoginThatGoesByMoreThanNames) {
  const auto db = vm_named(lab, "db-1");
  const std::string patterns[] = {
      fmt::format("instance_uuid = [\"{}\", \"{}\"]\n", db["instance_uuid"].get<std::string>(),
                  vm_named(lab, "db-2")["instance_uuid"].get<std::string>()),
      fmt::format("folder_id = \"{}\"\n", db["folder_moref"].get<std::string>()),
      "tag = \"Env/Db\"\n",
      fmt::format("host = \"{}\"\n", db["host"].get<std::string>()),
      "cluster = \"cluster-01\"\n",
  };
  for (const auto& pattern : patterns) {
    EXPECT_EQ(scan_with(pattern), Names({kRest})) << pattern;
    EXPECT_EQ(scan_with("vm = \"db-*\"\n" + pattern), Names({kRest})) << pattern;
  }
  EXPECT_EQ(lab.get("/stats")["api_sessions"], 0);
  EXPECT_TRUE(scan_with("vm = \"db-*\"\n").contains(kDatabases)) << "by its name it does";
}

TEST_F(RenamedVm, GetsNoLoginWhereNobodyCanTell) {
  const auto refused = [this](const std::string& pattern, const std::string& why) {
    workspace.write("ballast.toml", section_of(workspace, "lab", lab) + "[[guest.override]]\n" +
                                        pattern + login_of(workspace, kDatabases, "db-password") +
                                        the_rest(workspace, ""));
    EXPECT_NE(run_ballast(workspace, with_config(workspace, {"scan"})).exit_code, 2);
    EXPECT_EQ(logins_anywhere(lab), Names()) << pattern;
    const json report = run_json(workspace, {"report", "--all"}, 0);
    for (const auto& one : report["guests"]) {
      EXPECT_THAT(one["detail"].dump(), HasSubstr(why)) << pattern << one;
    }
    const auto doctor = run_ballast(workspace, with_config(workspace, {"doctor"}));
    EXPECT_THAT(doctor.out, HasSubstr("3 guests without one, because it cannot be told"));
  };
  refused("folder_id = \"group-v99999\"\n", "the user sees no folder group-v99999");
  refused("tag = \"Env/Dbs\"\n", "no tag that the user sees matches");
  lab.post("/faults",
           json::array({{{"method", "POST /api/session"}, {"kind", "status"}, {"status", 401}}}));
  refused("tag = \"Env/Db\"\n", "reading tags");
}

}  // namespace
}  // namespace ballast::e2e
