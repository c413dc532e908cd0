// A scan that is limited to datacenters, folders, clusters or tags.
#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "base/time.h"
#include "tests/e2e/harness/guest_fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Names = std::set<std::string>;

// Two datacenters with two clusters each, and in each cluster something.
json places() {
  json fleet = {{"datacenters", 2}, {"clusters", 2}, {"hosts_per_cluster", 1}};
  fleet["pools"] = {
      {{"name", "web/shop"}, {"parent", "cluster-01"}, {"vapp", true}, {"folder", "Prod/Web"}},
      {{"name", "inner"}, {"parent", "web/shop"}}};
  fleet["guests"] = {
      group("web", {{"pool", "cluster-01"}, {"folder", "Prod/Web"}, {"tags", "Env/Prod"}}),
      group("db", {{"pool", "cluster-02"}, {"folder", "Prod"}, {"tags", {"Env/Prod", "Team/A"}}}),
      group("shop", {{"pool", "web/shop"}, {"tags", "Team/A/B"}}),
      group("inner", {{"pool", "inner"}}),
      group("half", {{"pool", "cluster-03"}, {"folder", "50%"}, {"tags", "Env/Test"}}),
      group("free", {{"pool", "cluster-04"}}),
  };
  return fleet;
}

class Scope : public ::testing::Test {
 protected:
  void configure(const std::string& keys, ConfigOptions options = {}) {
    options.vcenter_keys = keys + "\n" + options.vcenter_keys;
    write_config(workspace, lab(), options);
  }
  RunResult scan(const std::string& keys, const std::vector<std::string>& more = {}) {
    configure(keys);
    std::vector<std::string> command = {"scan"};
    command.insert(command.end(), more.begin(), more.end());
    return run_ballast(workspace, with_config(workspace, command));
  }
  Names listed() {
    Names names;
    const json report = run_json(workspace, {"report", "--all"}, 0);
    for (const auto& one : report["guests"]) {
      names.insert(one["name"].get<std::string>());
    }
    return names;
  }
  // The names of what such a scan knows.
  Names scanned(const std::string& keys) {
    std::filesystem::remove(workspace.path("ballast.db"));
    const auto run = scan(keys);
    EXPECT_EQ(run.exit_code, 0) << keys << ": " << run.err << run.out;
    return listed();
  }
  Names hosts_stored() {
    const SQLite::Database store(workspace.path("ballast.db"));
    Names names;
    for (SQLite::Statement row(store, "SELECT name FROM host"); row.executeStep();) {
      names.insert(row.getColumn(0).getString());
    }
    return names;
  }
  // A time after everything so far and before everything later; times are given in whole seconds.
  static std::string a_second_later() {
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    return format_iso8601(now_utc());
  }
  // How a scan fails that finds nothing.
  std::string failure(const std::string& keys) {
    const auto run = scan(keys);
    EXPECT_EQ(run.exit_code, 1) << keys << ": " << run.out;
    return run.err;
  }
  void expect_nothing_left() {
    const json stats = lab().get("/stats");
    for (const char* what : {"sessions", "api_sessions", "open_views", "open_collections"}) {
      EXPECT_EQ(stats[what], 0) << what;
    }
  }

  lab::Lab& lab() {
    if (!lab_) lab_.emplace(scenario);
    return *lab_;
  }

  json scenario = places();
  Workspace workspace;

 private:
  std::optional<lab::Lab> lab_;
};

TEST_F(Scope, EachKeyByItself) {
  const struct {
    const char* keys;
    Names names;
  } rows[] = {
      {"", {"web", "db", "shop", "inner", "half", "free"}},
      {R"(datacenters = ["lab-dc"])", {"web", "db", "shop", "inner"}},
      {R"(datacenters = ["LAB-DC-?"])", {"half", "free"}},
      {R"(datacenters = ["lab-dc", "lab-dc-2"])", {"web", "db", "shop", "inner", "half", "free"}},
      {R"(folders = ["lab-dc/Prod"])", {"web", "db", "shop", "inner"}},
      {R"(folders = ["lab-dc/Prod/*"])", {"web", "shop", "inner"}},
      {R"(folders = ["*/50%"])", {"half"}},
      {R"(folders = ["lab-dc-2"])", {"half", "free"}},
      {R"(folders = ["lab-dc/Prod/Web/web/shop"])", {"shop", "inner"}},
      {R"(clusters = ["cluster-01"])", {"web", "shop", "inner"}},
      {R"(clusters = ["*-02", "*-04"])", {"db", "free"}},
      {R"(tags = ["Env/Prod"])", {"web", "db"}},
      {R"(tags = ["*/a"])", {"db"}},
      {R"(tags = ["Team/A*", "env/test"])", {"db", "shop", "half"}},
  };
  for (const auto& row : rows) EXPECT_EQ(scanned(row.keys), row.names) << row.keys;
  expect_nothing_left();
}

TEST_F(Scope, KeysTogetherMustAllMatch) {
  EXPECT_EQ(scanned("clusters = [\"cluster-0[12]\"]\ntags = [\"Env/Prod\"]\n"
                    "folders = [\"lab-dc/Prod/Web\"]"),
            Names({"web"}));
  EXPECT_EQ(scanned("datacenters = [\"lab-dc\"]\ntags = [\"Env/*\", \"Team/*\"]"),
            Names({"web", "db", "shop"}));
  const auto err = failure("clusters = [\"cluster-04\"]\ntags = [\"Env/Prod\"]");
  EXPECT_THAT(err, HasSubstr("no VM is in what the scan is limited to, clusters \"cluster-04\" and "
                             "tags \"Env/Prod\""));
}

TEST_F(Scope, WhatIsOutOfScopeIsNeitherProbedNorStored) {
  const auto run = scan(R"(clusters = ["cluster-02"])");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("complete, 1 VM listed, 1 guest read"));
  EXPECT_THAT(run.out, HasSubstr("limited     to clusters \"cluster-02\""));
  EXPECT_EQ(lab().get("/stats")["programs_started"], 1);
  EXPECT_EQ(hosts_stored(), Names({"esx-02.lab.example"}));
  const auto report = run_ballast(workspace, with_config(workspace, {"report"}));
  EXPECT_THAT(report.out, HasSubstr("Limited to clusters \"cluster-02\"."));
  const json told = run_json(workspace, {"scan"}, 0);
  EXPECT_EQ(told["scans"][0]["limited_to"], "clusters \"cluster-02\"");
}

TEST_F(Scope, WhatMatchesNothingIsSaidWithWhatThereIs) {
  EXPECT_THAT(failure(R"(clusters = ["cluster-1"])"),
              AllOf(HasSubstr("no cluster matches \"cluster-1\""), HasSubstr("like cluster-01")));
  EXPECT_THAT(failure(R"(folders = ["lab-dc/Prd"])"),
              AllOf(HasSubstr("no folder matches \"lab-dc/Prd\""), HasSubstr("lab-dc/Prod")));
  EXPECT_THAT(failure(R"(datacenters = ["Paris", "Lyon*"])"),
              AllOf(HasSubstr("no datacenter matches \"Paris\" or \"Lyon*\""),
                    HasSubstr("one of lab-dc, lab-dc-2")));
  EXPECT_THAT(failure(R"(tags = ["Env/Prd"])"),
              AllOf(HasSubstr("no tag matches \"Env/Prd\""), HasSubstr("like Env/Prod")));
  EXPECT_THAT(failure(R"(tags = ["Enw/*"])"), HasSubstr("like Env/*"));
  EXPECT_EQ(lab().get("/stats")["programs_started"], 0);
  expect_nothing_left();
  const auto half = scan(R"(clusters = ["cluster-1", "cluster-02"])");
  EXPECT_EQ(half.exit_code, 0) << "the other one is there";
  EXPECT_THAT(half.err, HasSubstr("no cluster matches \"cluster-1\""));
}

TEST_F(Scope, TagsOfOlderServersAreRead) {
  scenario["vcenter"] = {{"automation_api", "rest"}};
  EXPECT_EQ(scanned(R"(tags = ["Env/Prod"])"), Names({"web", "db"}));
  EXPECT_EQ(lab().get("/stats")["api_logins"], 1);
  expect_nothing_left();
}

TEST_F(Scope, AServerWithoutTagsSaysSo) {
  scenario["vcenter"] = {{"automation_api", "none"}};
  EXPECT_THAT(failure(R"(tags = ["Env/Prod"])"),
              AllOf(HasSubstr("the server has no REST API"), HasSubstr("ESXi")));
}

TEST_F(Scope, TheRestSessionEndsAndItsSecretsAreNotLogged) {
  configure(R"(tags = ["Env/Prod"])", {.more = "[log]\nlevel = \"trace\"\n"});
  const auto run = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("/api/session")) << "else the next line says nothing";
  EXPECT_THAT(run.err, AllOf(Not(HasSubstr(lab().ready().password)), Not(HasSubstr("Basic"))));
  EXPECT_EQ(lab().get("/stats")["api_logins"], 1);
  expect_nothing_left();
}

TEST_F(Scope, WhatGoesWrongWithTagsEndsTheScanWithItsReason) {
  const struct {
    json fault;
    const char* words;
  } rows[] = {
      {{{"method", "POST /api/session"}, {"kind", "status"}, {"status", 401}}, "refuses the login"},
      {{{"method", "POST /api/session"}, {"kind", "status"}, {"status", 503}}, "HTTP 503"},
      {{{"method", "POST /api/session"}, {"kind", "garbage"}}, "not what it should be"},
      {{{"method", "GET /api/cis/tagging/category"}, {"kind", "status"}, {"status", 403}},
       "may not see tags"},
      {{{"method", "GET /api/cis/tagging/category"}, {"kind", "garbage"}}, "not what it should be"},
      {{{"method", "POST /api/cis/tagging/tag-association"}, {"kind", "stall"}},
       "took longer than 2.0 s"},
      {{{"method", "POST /api/cis/tagging/tag"}, {"kind", "truncate"}}, "not what it should be"},
  };
  for (const auto& row : rows) {
    lab().post("/faults", json::array({row.fault}));
    const auto err = failure("tags = [\"Env/Prod\"]\nrequest_timeout = \"2s\"");
    EXPECT_THAT(err, AllOf(HasSubstr("reading tags"), HasSubstr(row.words))) << row.fault;
    EXPECT_EQ(lab().get("/stats")["programs_started"], 0) << row.fault;
  }
  lab().post("/faults", json::array());
  expect_nothing_left();
}

TEST_F(Scope, AServerWithMoreTagsThanThereCanBeIsNotAskedForEach) {
  std::vector<std::string> tags;
  for (int i = 0; i <= 10'000; ++i) tags.push_back("category-" + std::to_string(i) + "/tag");
  scenario["guests"][0]["tags"] = tags;
  EXPECT_THAT(failure(R"(tags = ["Env/Prod"])"),
              HasSubstr("the server lists 10003 of them, more than a vCenter has"));
}

// Hosts may stay unknown, but not where they decide who is asked.
TEST_F(Scope, PlacesThatTheUserMayNotSeeDoNotLetGuestsIn) {
  const json hidden = {{"method", "RetrievePropertiesEx"},
                       {"kind", "fault"},
                       {"fault", "NoPermission"},
                       {"skip", 1},
                       {"count", 1}};
  json always = hidden;
  always["count"] = 3;
  lab().post("/faults", json::array({always}));
  EXPECT_THAT(failure(R"(clusters = ["cluster-01"])"), HasSubstr("reading the hosts"));
  lab().post("/faults", json::array({hidden}));
  EXPECT_EQ(scanned(R"(folders = ["lab-dc/Prod"])"), Names({"web", "db", "shop", "inner"}));
}

TEST_F(Scope, AVmThatLeftTheScopeIsNotToldAsGone) {
  const auto changes_since_first = [this](const std::string& first, const std::string& second) {
    scanned(first);
    const auto since = a_second_later();
    EXPECT_EQ(scan(second).exit_code, 0) << second;
    return run_json(workspace, {"report", "--since", since}, 0)["comparison"];
  };
  const std::string one = R"(clusters = ["cluster-01"])";
  const std::string two = R"(clusters = ["cluster-02"])";
  EXPECT_EQ(changes_since_first("", one)["counts"]["gone_vm"], 0);
  EXPECT_EQ(changes_since_first(one, "")["counts"]["new_vm"], 0);
  const json moved = changes_since_first(one, two);
  EXPECT_EQ(moved["counts"]["gone_vm"], 0) << moved;
  EXPECT_EQ(moved["counts"]["new_vm"], 0) << moved;
  scanned(one);
  const auto since = a_second_later();
  lab().post("/guest?name=web", {{"deleted", true}});
  EXPECT_EQ(scan(one).exit_code, 0);
  const auto report = run_ballast(workspace, with_config(workspace, {"report", "--since", since}));
  EXPECT_THAT(report.out, HasSubstr("1 gone VM"));
  EXPECT_THAT(report.out, HasSubstr("no longer in clusters \"cluster-01\" counts as gone"));
}

TEST_F(Scope, WithoutAConfigurationByFlags) {
  workspace.write("vcenter.password", lab().ready().password + "\n");
  const auto scan_with = [this](std::vector<std::string> flags) {
    std::vector<std::string> all = {"scan",
                                    "-q",
                                    "--url",
                                    lab().ready().url,
                                    "--username",
                                    lab().ready().username,
                                    "--ca-file",
                                    lab().ready().ca_file,
                                    "--password-file",
                                    workspace.path("vcenter.password")};
    all.insert(all.end(), flags.begin(), flags.end());
    return run_ballast(workspace, all);
  };
  const auto one = scan_with({"--cluster", "cluster-01", "--cluster", "cluster-02", "--tag",
                              "Env/Prod", "--datacenter", "lab-dc", "--folder", "*/Web"});
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, AllOf(HasSubstr("1 VM has a balloon"), HasSubstr("Limited to")));
  const auto none = scan_with({"--cluster", "cluster-9"});
  EXPECT_EQ(none.exit_code, 1) << none.out;
  EXPECT_THAT(none.err, HasSubstr("no cluster matches \"cluster-9\""));
}

TEST_F(Scope, DoctorLooksAtWhatAScanWould) {
  configure(R"(folders = ["lab-dc/Prod/Web"])");
  const auto good = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_EQ(good.exit_code, 0) << good.out;
  EXPECT_THAT(good.out, HasSubstr("3 visible, 3 would be probed; the scan is limited to folders "));
  configure(R"(folders = ["lab-dc/Prd"])");
  const auto bad = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_EQ(bad.exit_code, 1) << bad.out;
  EXPECT_THAT(bad.out, HasSubstr("no folder matches \"lab-dc/Prd\""));
}

}  // namespace
}  // namespace ballast::e2e
