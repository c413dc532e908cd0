#include "tests/accuracy/captures.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"

namespace ballast::test {

namespace fs = std::filesystem;

namespace {

const fs::path kBase = BALLAST_TEST_DATA "/captures";

std::vector<fs::path> find_all(const char* name) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator(kBase)) {
    if (entry.path().filename() == name) all.push_back(entry.path());
  }
  if (all.empty()) throw std::runtime_error(fmt::format("no {} in {}", name, kBase.string()));
  std::sort(all.begin(), all.end());
  return all;
}

Capture load(const fs::path& truth_file) {
  const auto truth = nlohmann::json::parse(read_text(truth_file));
  Capture capture;
  capture.root = truth_file.parent_path();
  capture.boot = fs::relative(capture.root.parent_path(), kBase).string();
  capture.label = capture.root.filename().string();
  capture.driver = truth.at("driver").get<std::string>();
  capture.ram_mib = truth.at("guest_ram_mib").get<std::int64_t>();
  capture.cpus = truth.at("cpus").get<std::int64_t>();
  capture.balloon_kib = truth.at("balloon_kib").get<std::int64_t>();
  return capture;
}

std::vector<Capture> load_all() {
  std::vector<Capture> all;
  for (const auto& file : find_all("truth.json")) all.push_back(load(file));
  std::sort(all.begin(), all.end(),
            [](const Capture& a, const Capture& b) { return a.name() < b.name(); });
  return all;
}

std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> found;
  while (!line.empty()) {
    const auto comma = std::min(line.find(','), line.size());
    found.emplace_back(line.substr(0, comma));
    line.remove_prefix(std::min(comma + 1, line.size()));
  }
  return found;
}

Series load_series(const fs::path& table) {
  const auto text = read_text(table);
  const auto lines = split_lines(text);
  const auto header = cells(lines.at(0));
  Series series{fs::relative(table.parent_path(), kBase).string(), {}};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto values = cells(lines[i]);
    std::map<std::string, std::int64_t> row;
    for (const auto* name : {"i", "pcp_pages", "balloon_before", "balloon_after"}) {
      const auto column = std::find(header.begin(), header.end(), name) - header.begin();
      row[name] = std::stoll(values.at(static_cast<std::size_t>(column)));
    }
    const auto file = fmt::format("points/{:03}.meminfo", row["i"]);
    series.points.push_back({table.parent_path() / file, row["pcp_pages"],
                             kib_from_bytes(row["balloon_before"]),
                             kib_from_bytes(row["balloon_after"])});
  }
  return series;
}

std::vector<Series> load_every_series() {
  std::vector<Series> all;
  for (const auto& file : find_all("series.csv")) all.push_back(load_series(file));
  return all;
}

}  // namespace

std::string Capture::kernel() const {
  return boot.starts_with("eras/") ? boot.substr(0, boot.find('/', 5)) : "6.1";
}

std::string Capture::scenario() const {
  auto name = boot.starts_with("eras/") ? boot.substr(boot.find('/', 5) + 1) : boot;
  const auto ram = fmt::format("_{}", ram_mib);
  if (name.ends_with(ram)) name.resize(name.size() - ram.size());
  return name;
}

bool Capture::is_reference() const {
  if (scenario() == "f_pressure") return label == "0_after";
  return label == "0" || label == "000_none" || label == "000MB_baseline";
}

bool Capture::under_load() const { return scenario() == "f_pressure" && label != "0_after"; }

std::int64_t Capture::hidden_mib() const {
  if (scenario() == "n_neg_brd") return label == "300MB" ? 300 : 0;
  if (scenario() == "n_neg_driver" && label == "300MB_alloc_pages") return 300;
  // 2.6.18 has no vmallocinfo, and no counter of what vmalloc takes.
  if (boot == "eras/rhel5/n_neg_driver") return vmalloc_mib();
  // 3.10 counts zram nowhere but in mm_stat, which was not captured.
  if (boot == "eras/rhel7/n_neg_zram") return label == "000MB_baseline" ? 0 : std::stoll(label);
  // Up to 8 KiB it is slab. The first releases of RHEL 8 do not count what is larger.
  if (boot == "eras/rhel81/n_neg_kmalloc") {
    const bool large =
        label.ends_with("K") && !label.ends_with("_004K") && !label.ends_with("_008K");
    return large ? 100 : 0;
  }
  return 0;
}

std::int64_t Capture::vmalloc_mib() const { return label == "300MB_vmalloc" ? 300 : 0; }

bool Capture::has_many_objects() const {
  return label.ends_with("procs") || label.ends_with("_1000") || label.ends_with("_1000rhel") ||
         label.ends_with("files");
}

bool Capture::lowers_mem_total() const {
  return scenario() == "i_no_deflate_on_oom" && balloon_kib > 0;
}

const std::vector<Capture>& captures() {
  static const std::vector<Capture> all = load_all();
  return all;
}

const std::vector<Series>& series() {
  static const std::vector<Series> all = load_every_series();
  return all;
}

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace ballast::test
