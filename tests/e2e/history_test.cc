// A fleet scanned sixty times over five days of simulated time, while its balloons move: what the
// program then says of the past must be what the lab says happened, to the KiB.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/history_truth.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kScans = 60;
const UtcTime kBegin{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};

// Three scans a quarter of an hour apart, every six hours; half a minute after the balloons moved.
UtcTime time_of(int scan) {
  return kBegin + hours(6) * (scan / 3) + minutes(15) * (scan % 3) + seconds(30);
}

json step(std::int64_t at_s, const std::string& capture, const json& more = json::object()) {
  json step = {{"at_s", at_s}, {"capture", capture}};
  step.update(more);
  return step;
}

json sawtooth() {
  json steps = json::array();
  for (const int mib : {0, 128, 256, 512, 768, 1024, 1280, 768, 256, 64}) {
    steps.push_back(step(900 * std::ssize(steps), "a_idle_2048/" + std::to_string(mib)));
  }
  return steps;
}

// One balloon after the other, a new one every six hours; `turn` happens in the middle.
json wandering(const json& turn) {
  json steps = json::array();
  for (const int mib : {0,   512, 256, 1024, 0,    768, 128, 1280, 512, 1024,
                        256, 768, 512, 64,   1024, 256, 768, 128,  512, 1024}) {
    const auto number = std::ssize(steps);
    steps.push_back(step(21'600 * number, "b_cache_2048/" + std::to_string(mib),
                         number == 10 ? turn : json::object()));
  }
  return steps;
}

// A balloon of 256 MiB, and 256 MiB a day that it does not explain, nor any driver.
json leaking() {
  json steps = json::array();
  for (const int mib : {256, 512, 768, 1024, 1280}) {
    steps.push_back(step(86'400 * std::ssize(steps), "v_vmmemctl_4k_idle/" + std::to_string(mib),
                         {{"balloon_mib", 256}}));
  }
  return steps;
}

json history_fleet() {
  const auto scheduled = [](const std::string& name, const json& schedule) {
    return json{{"name", name}, {"capture", "a_idle_2048/0"}, {"schedule", schedule}};
  };
  json saw = scheduled("saw-%02d", sawtooth());
  saw.update({{"count", 3}, {"period_s", 9'000}, {"offset_s", 1'800}});
  return {{"clock", format_iso8601(kBegin)},
          {"hosts_per_cluster", 2},
          {"guests",
           {saw,
            scheduled("reboots", wandering({{"reboot", true}})),
            scheduled("moves", wandering({{"host", "esx-02.lab.example"}})),
            scheduled("leaks", leaking()),
            {{"name", "steady"}, {"capture", "b_cache_2048/512"}, {"limit_mib", 1536}},
            {{"name", "clean"}, {"capture", "c_anon400_2048/0"}, {"reservation_mib", 256}},
            {{"name", "off"}, {"capture", "a_idle_2048/0"}, {"power", "off"}}}}};
}

// What the program makes of a capture when it reads the files itself.
std::map<std::string, std::int64_t> accounts_of(const Workspace& workspace, const json& truth,
                                                std::map<std::string, std::int64_t> known) {
  for (const auto& vm : truth.at("vms")) {
    const std::string capture = vm.at("capture");
    if (known.contains(capture)) continue;
    const auto inspected =
        run_json(workspace,
                 {"inspect", std::string(BALLAST_SOURCE_DIR "/tests/data/captures/") + capture}, 0);
    known[capture] = inspected.at("unaccounted_kib");
  }
  return known;
}

std::string number(const json& value) { return value.is_null() ? "" : value.dump(); }

// One test of many checks: the scans take a minute, and every test is a process of its own.
class History : public ::testing::Test {
 protected:
  void SetUp() override {
    const lab::Lab lab(history_fleet());
    write_config(workspace_, lab);
    std::map<std::string, std::int64_t> accounts;
    for (int scan = 0; scan < kScans; ++scan) {
      lab.post("/clock", {{"now", format_iso8601(time_of(scan))}});
      const auto result = run_ballast(workspace_, with_config(workspace_, {"scan", "--quiet"}),
                                      {.now = time_of(scan)});
      ASSERT_EQ(result.exit_code, 0) << "scan " << scan << ": " << result.err;
      const json truth = lab.get("/truth");
      accounts = accounts_of(workspace_, truth, std::move(accounts));
      truth_.add(time_of(scan), truth, accounts);
    }
  }

  json ask(std::vector<std::string> arguments) {
    return run_json(workspace_, std::move(arguments), 0, {.now = time_of(kScans - 1)});
  }
  std::vector<CsvRow> exported(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "export");
    const auto result = run_ballast(workspace_, with_config(workspace_, std::move(arguments)),
                                    {.now = time_of(kScans - 1)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return parse_csv(result.out);
  }

  json latest(const std::string& name) {
    return ask({"report", "--all", "--name", name}).at("guests").at(0);
  }

  void samples_are_what_happened();
  void periods_are_what_happened(const std::string& kind, seconds length);
  void rebuilt_from_raw_they_are_the_same();
  void hosts_are_the_sums_of_their_vms();
  void vm_tells_the_same();
  void a_balloon_that_moved_is_proven_by_lockstep();
  void a_steady_balloon_is_not();
  void a_baseline_is_learned();
  void a_leak_under_a_balloon_has_its_rate();
  void judging_again_changes_nothing();
  void what_changed_since_yesterday_is_told();

  Workspace workspace_;
  TruthRecord truth_;
};

void History::samples_are_what_happened() {
  std::map<std::pair<std::string, std::string>, CsvRow> rows;  // by VM and minute of the scan
  const auto minute = [](const std::string& time) { return time.substr(0, 16); };
  for (const auto& row : exported({"samples"}))
    rows[{row.at("name"), minute(row.at("polled_at_utc"))}] = row;
  ASSERT_EQ(rows.size(), truth_.samples().size());
  for (const auto& sample : truth_.samples()) {
    const auto& vm = sample.vm;
    const auto found = rows.find({vm.at("name"), minute(format_iso8601(sample.scan))});
    ASSERT_NE(found, rows.end()) << vm << format_iso8601(sample.scan);
    const auto& row = found->second;
    for (const char* figure : {"balloon", "consumed", "active", "swapped", "reservation"}) {
      const auto key = std::string(figure) + "_kib";
      EXPECT_EQ(row.at(key), number(vm.at(key))) << key << " " << vm;
    }
    EXPECT_EQ(row.at("configured_kib"), number(vm.at("memory_kib"))) << vm;
    EXPECT_EQ(row.at("host"), vm.at("host").get<std::string>()) << vm;
    EXPECT_EQ(row.at("unaccounted_kib"),
              sample.unaccounted_kib ? std::to_string(*sample.unaccounted_kib) : "")
        << vm;
  }
}

void expect_spread(const CsvRow& row, const std::string& figure, const Spread& expected) {
  const Spread got{
      std::stoll(row.at(figure + "_min_kib")), std::stoll(row.at(figure + "_mean_kib")),
      std::stoll(row.at(figure + "_p95_kib")), std::stoll(row.at(figure + "_max_kib"))};
  EXPECT_EQ(got, expected) << figure << " of " << row.at("name") << ": " << got.min << " "
                           << got.mean << " " << got.p95 << " " << got.max << ", not "
                           << expected.min << " " << expected.mean << " " << expected.p95 << " "
                           << expected.max;
}

void expect_period(const CsvRow& row, const std::vector<TruthRecord::Sample>& samples) {
  EXPECT_EQ(row.at("samples"), std::to_string(samples.size()));
  for (const char* figure : {"balloon", "consumed", "active", "swapped"}) {
    std::vector<std::int64_t> values;
    for (const auto& sample : samples) {
      values.push_back(sample.vm.at(std::string(figure) + "_kib"));
    }
    expect_spread(row, figure, spread_of(values));
  }
  std::vector<std::int64_t> unaccounted;
  for (const auto& sample : samples) {
    if (sample.unaccounted_kib) unaccounted.push_back(*sample.unaccounted_kib);
  }
  if (unaccounted.empty()) {
    EXPECT_EQ(row.at("unaccounted_max_kib"), "");
  } else {
    expect_spread(row, "unaccounted", spread_of(unaccounted));
  }
  EXPECT_EQ(row.at("reservation_kib"), number(samples.back().vm.at("reservation_kib")));
  EXPECT_EQ(row.at("configured_kib"), number(samples.back().vm.at("memory_kib")));
  EXPECT_EQ(row.at("host"), samples.back().vm.at("host"));
}

void History::periods_are_what_happened(const std::string& kind, seconds length) {
  std::map<std::pair<std::string, UtcTime>, CsvRow> rows;
  for (const auto& row : exported({kind})) {
    rows[{row.at("name"), parse_iso8601(row.at("start_utc")).value()}] = row;
  }
  const auto periods = truth_.periods(length, time_of(kScans - 1));
  ASSERT_EQ(rows.size(), periods.size()) << kind;
  for (const auto& [key, samples] : periods) {
    ASSERT_TRUE(rows.contains(key)) << key.first << " " << format_iso8601(key.second);
    expect_period(rows.at(key), samples);
  }
}

void History::rebuilt_from_raw_they_are_the_same() {
  const auto before = exported({"daily"});
  const auto hourly = exported({"hourly"});
  const auto hosts = exported({"hosts"});
  const auto rebuilt =
      run_ballast(workspace_, with_config(workspace_, {"db", "rollup", "--rebuild"}),
                  {.now = time_of(kScans - 1)});
  ASSERT_EQ(rebuilt.exit_code, 0) << rebuilt.err;
  EXPECT_EQ(exported({"daily"}), before);
  EXPECT_EQ(exported({"hourly"}), hourly);
  EXPECT_EQ(exported({"hosts"}), hosts);
}

void History::hosts_are_the_sums_of_their_vms() {
  using Key = std::pair<std::string, UtcTime>;
  std::map<Key, std::map<std::string, std::int64_t>> sums;
  std::map<Key, std::set<UtcTime>> scans;
  for (const auto& [period, samples] : truth_.periods(hours(1), time_of(kScans - 1))) {
    for (const auto& sample : samples) {
      const Key key{sample.vm.at("host"), period.second};
      scans[key].insert(sample.scan);
      auto& sum = sums[key];
      sum["vms"] += 1;
      if (sample.vm.at("power") != "on") continue;
      sum["vms_on"] += 1;
      sum["configured_kib"] += sample.vm.at("memory_kib").get<std::int64_t>();
      sum["ballooned_kib"] += sample.vm.at("balloon_kib").get<std::int64_t>();
      sum["consumed_kib"] += sample.vm.at("consumed_kib").get<std::int64_t>();
      sum["active_kib"] += sample.vm.at("active_kib").get<std::int64_t>();
      sum["swapped_kib"] += sample.vm.at("swapped_kib").get<std::int64_t>();
    }
  }
  const auto rows = exported({"hosts"});
  EXPECT_EQ(rows.size(), sums.size());
  for (const auto& row : rows) {
    const Key key{row.at("host"), parse_iso8601(row.at("start_utc")).value()};
    ASSERT_TRUE(sums.contains(key)) << key.first;
    const auto count = static_cast<double>(scans[key].size());
    for (const auto& [column, sum] : sums[key]) {
      EXPECT_EQ(row.at(column), std::to_string(std::llround(static_cast<double>(sum) / count)))
          << column << " of " << key.first << " " << row.at("start_utc");
    }
  }
}

// The same history, VM by VM.
void History::vm_tells_the_same() {
  for (const char* name : {"saw-01", "reboots", "moves", "leaks"}) {
    const auto vm = ask({"vm", name, "--since", "10d"});
    std::vector<const TruthRecord::Sample*> samples;
    for (const auto& sample : truth_.samples()) {
      if (sample.vm.at("name") == name) samples.push_back(&sample);
    }
    const auto& history = vm.at("history");
    ASSERT_EQ(history.size(), samples.size()) << name;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      EXPECT_EQ(history[i].at("hypervisor").at("balloon_kib"), samples[i]->vm.at("balloon_kib"));
      EXPECT_EQ(history[i].at("guest").at("unaccounted_kib"), *samples[i]->unaccounted_kib);
      EXPECT_EQ(history[i].at("host"), samples[i]->vm.at("host"));
    }
  }
}

void History::a_balloon_that_moved_is_proven_by_lockstep() {
  for (const char* name : {"saw-01", "saw-02", "saw-03", "reboots", "moves"}) {
    const auto guest = latest(name);
    if (guest.at("vcenter_balloon_kib") == 0) {
      EXPECT_EQ(guest.at("verdict"), "clean") << guest;
      continue;
    }
    EXPECT_EQ(guest.at("verdict"), "balloon") << guest;
    EXPECT_EQ(guest.at("proof"), "lockstep") << guest;
  }
}

void History::a_steady_balloon_is_not() {
  const auto guest = latest("steady");
  EXPECT_EQ(guest.at("verdict"), "balloon");
  EXPECT_NE(guest.at("proof"), "lockstep") << "it never moved";
  EXPECT_EQ(guest.at("cause"), "vm_limit") << "its limit is below its memory";
}

void History::a_baseline_is_learned() {
  const auto vm = ask({"vm", "clean"});
  EXPECT_EQ(vm.at("verdict"), "clean");
  EXPECT_GE(vm.at("baseline_samples"), 3);
}

void History::a_leak_under_a_balloon_has_its_rate() {
  const auto vm = ask({"vm", "leaks"});
  EXPECT_EQ(vm.at("verdict"), "excess");
  ASSERT_FALSE(vm.at("leak").is_null()) << "it grows day by day";
  EXPECT_NEAR(vm.at("leak").at("kib_per_day").get<double>(), 256.0 * 1024, 80.0 * 1024);
}

void History::judging_again_changes_nothing() {
  const auto result = run_ballast(workspace_, with_config(workspace_, {"db", "rejudge"}),
                                  {.now = time_of(kScans - 1)});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ::testing::HasSubstr("0 judgements changed")) << result.out;
}

// "" if nothing worth telling happened.
std::string change_of(std::int64_t before_kib, std::int64_t now_kib) {
  if (before_kib == 0 || now_kib == 0) {
    if (before_kib == now_kib) return "";
    return now_kib > 0 ? "new_balloon" : "released_balloon";
  }
  const auto moved = std::abs(now_kib - before_kib);
  if (moved < 64 * 1024 || 10 * moved < std::max(now_kib, before_kib)) return "";
  return now_kib > before_kib ? "grown_balloon" : "shrunk_balloon";
}

void History::what_changed_since_yesterday_is_told() {
  constexpr int kYesterday = kScans - 13;
  std::map<std::string, std::int64_t> before;
  std::set<std::string> expected;
  for (const auto& sample : truth_.samples()) {
    const std::string name = sample.vm.at("name");
    const std::int64_t balloon = sample.vm.at("balloon_kib");
    if (sample.scan == time_of(kYesterday)) before[name] = balloon;
    if (sample.scan != time_of(kScans - 1)) continue;
    const auto change = change_of(before.at(name), balloon);
    if (!change.empty()) expected.insert(change + " " + name);
  }
  std::set<std::string> told;
  const auto since = format_iso8601(time_of(kYesterday) + minutes(2));
  const auto report = ask({"report", "--at", since});
  for (const auto& change : report.at("changes")) {
    const std::string what = change.at("change");
    if (what.ends_with("_balloon")) told.insert(what + " " + change.at("name").get<std::string>());
  }
  EXPECT_EQ(told, expected);
  EXPECT_FALSE(expected.empty());
}

TEST_F(History, IsWhatHappened) {
  vm_tells_the_same();
  a_balloon_that_moved_is_proven_by_lockstep();
  a_steady_balloon_is_not();
  a_baseline_is_learned();
  a_leak_under_a_balloon_has_its_rate();
  judging_again_changes_nothing();
  what_changed_since_yesterday_is_told();
  samples_are_what_happened();
  periods_are_what_happened("hourly", hours(1));
  periods_are_what_happened("daily", hours(24));
  rebuilt_from_raw_they_are_the_same();
  hosts_are_the_sums_of_their_vms();
}

}  // namespace
}  // namespace ballast::e2e
