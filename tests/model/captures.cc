#include "tests/model/captures.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace ballast::test {

namespace fs = std::filesystem;

namespace {

Capture load(const fs::path& base, const fs::path& truth_file) {
  const auto truth = nlohmann::json::parse(read_text(truth_file));
  Capture capture;
  capture.root = truth_file.parent_path();
  capture.boot = fs::relative(capture.root.parent_path(), base).string();
  capture.label = capture.root.filename().string();
  capture.driver = truth.at("driver").get<std::string>();
  capture.balloon_kib = truth.at("balloon_kib").get<std::int64_t>();
  return capture;
}

std::vector<Capture> load_all() {
  const fs::path base = BALLAST_TEST_DATA "/captures";
  std::vector<Capture> all;
  for (const auto& entry : fs::recursive_directory_iterator(base)) {
    if (entry.path().filename() == "truth.json") all.push_back(load(base, entry.path()));
  }
  if (all.empty()) throw std::runtime_error("no captures in " + base.string());
  std::sort(all.begin(), all.end(),
            [](const Capture& a, const Capture& b) { return a.name() < b.name(); });
  return all;
}

}  // namespace

std::string Capture::kernel() const {
  return boot.starts_with("eras/") ? boot.substr(0, boot.find('/', 5)) : "6.1";
}

bool Capture::is(const std::string& scenario) const {
  return boot.find(scenario) != std::string::npos;
}

bool Capture::is_reference() const {
  return label == "0" || label == "000_none" || label == "000MB_baseline";
}

const std::vector<Capture>& captures() {
  static const std::vector<Capture> all = load_all();
  return all;
}

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace ballast::test
