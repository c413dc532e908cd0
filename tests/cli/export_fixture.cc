#include "tests/cli/export_fixture.h"

#include <algorithm>

#include "cli/export_command.h"

namespace ballast::cli {

namespace {

using std::chrono::minutes;
using storage::kMidnight;
using storage::must;

std::vector<model::Host> hostile_hosts() {
  std::vector<model::Host> hosts;
  for (int number = 0; number < 4; ++number) {
    hosts.push_back(storage::make_host(number));
    hosts.back().memory_kib = 100'000'000 + number * 4096;
  }
  hosts[1].name = "=1+1";
  hosts[1].cluster = "rack 3, \"left\"";
  hosts[2].datacenter = "@dc\r\n2";
  return hosts;
}

std::vector<model::VmResult> hostile_fleet(int moment) {
  std::vector<model::VmResult> fleet;
  const auto& names = hostile_names();
  for (int number = 1; number <= static_cast<int>(names.size()); ++number) {
    auto result = storage::varying_result(number, moment);
    result.vm.name = names[static_cast<std::size_t>(number - 1)];
    result.vm.host_moref = "host-" + std::to_string(number % 4);
    result.vm.polled_at = kMidnight + moment * minutes(20) + std::chrono::seconds(2);
    if (result.guest) result.guest->read_at = result.vm.polled_at + std::chrono::seconds(number);
    fleet.push_back(result);
  }
  fleet[0].judgement.proof = model::Proof::kLockstep;
  fleet[0].judgement.lockstep = model::Lockstep{1.0012, 0.97, 1.0324, 7, 12, 512'000, kMidnight};
  fleet[1].judgement.verdict = model::Verdict::kExcess;
  fleet[1].judgement.proof = model::Proof::kNone;
  fleet[1].judgement.leak = model::Leak{40'960, 38'000, 43'000, kMidnight};
  fleet[2].vm.allocation = {0, model::kUnlimited};
  fleet.push_back(storage::make_unread(40, model::UnknownReason::kInvalidGuestLogin,
                                       "the guest said \"no\",\r\n=go away"));
  fleet.back().vm.host_moref = "";
  fleet.back().vm.polled_at = kMidnight + moment * minutes(20) + std::chrono::seconds(3);
  return fleet;
}

// Moves `at` behind the cell.
std::string take_cell(const std::string& text, std::size_t& at) {
  std::string cell;
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size(); ++at) {
      if (text[at] == '"' && text[++at] != '"') return cell;
      cell += text[at];
    }
    ADD_FAILURE() << "a quote is left open";
  }
  for (; at < text.size() && text[at] != ',' && text[at] != '\r'; ++at) {
    EXPECT_TRUE(text[at] != '"' && text[at] != '\n') << "outside of quotes, at byte " << at;
    cell += text[at];
  }
  return cell;
}

}  // namespace

const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> names = {
      "plain",
      "web,1",
      "quo\"te",
      "\"",
      "\"\",\"\"",
      "new\nline",
      "car\rriage",
      "crlf\r\n=1",
      "=1+1",
      "+1-1",
      "-2+3",
      "@SUM(1;2)",
      "\t=1+1",
      "\r=1+1",
      "=HYPERLINK(\"http://x\",\"y\")",
      "=cmd|' /C calc'!A0",
      "'=1+1",
      "\"=1+1\"",
      " =1+1",
      "a;=1+1",
      "\xEF\xBC\x9D\x31+1",
      "データ",
      "not utf-8 \xff\xfe",
      "\x1b[2J",
      "trailing ",
      "back\\slash",
      "<b>&amp;</b>",
      "%s%n",
      "-",
      "{{7*7}}",
  };
  return names;
}

std::vector<Cells> parse_csv(const std::string& text) {
  std::vector<Cells> records;
  for (std::size_t at = 0; at < text.size();) {
    Cells cells;
    do {
      cells.push_back(take_cell(text, at));
    } while (at < text.size() && text[at++] == ',');
    EXPECT_EQ(text.substr(at - 1, 2), "\r\n") << "at byte " << at;
    ++at;
    EXPECT_EQ(cells.size(), records.empty() ? cells.size() : records[0].size())
        << "record " << records.size();
    records.push_back(std::move(cells));
  }
  return records;
}

Cells column(const std::vector<Cells>& records, const std::string& name) {
  Cells cells;
  if (records.empty()) return cells;
  const auto& header = records.front();
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return ADD_FAILURE() << "no column " << name, cells;
  for (std::size_t i = 1; i < records.size(); ++i) {
    cells.push_back(records[i][static_cast<std::size_t>(found - header.begin())]);
  }
  return cells;
}

void ExportFixture::write_fleet() {
  auto store = must(storage::Store::open(path("ballast.db")));
  for (const int moment : {0, 1, 2, 3, 72}) {
    const UtcTime start = kMidnight + moment * minutes(20);
    const auto scan = storage::begin(*store, "lab, \"main\"", storage::make_about(), start);
    must(store->write_hosts(scan, hostile_hosts()));
    must(store->write_results(scan, hostile_fleet(moment)));
    must(store->finish_scan(scan, model::ScanStatus::kComplete, start + minutes(1), ""));
  }
  must(store->roll_up());
}

int ExportFixture::run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"export", "--db", path("ballast.db")});
  return run_app({add_export_command}, arguments, terminal_.terminal, sample_now());
}

std::string ExportFixture::exported(const std::vector<std::string>& arguments) const {
  CapturedTerminal terminal;
  std::vector<std::string> all = {"export", "--db", path("ballast.db")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  EXPECT_EQ(run_app({add_export_command}, all, terminal.terminal, sample_now()), kExitDone)
      << terminal.err();
  return terminal.out();
}

}  // namespace ballast::cli
