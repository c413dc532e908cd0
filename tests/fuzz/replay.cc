// Runs a fuzz target over every file of the folders named, without a fuzzer: what ctest does with
// the corpora. Fails if a folder is missing or empty, for then nothing was tested.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/core.h>

#include "tests/fuzz/check.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// False if the file cannot be read.
bool replay(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return false;
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
  bytes.shrink_to_fit();  // a byte too far is then outside of the allocation
  // Before the run: the last name printed is the file that crashed.
  fmt::print("{} ({} bytes)\n", file.string(), bytes.size());
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> folders(argv + 1, argv + argc);
  if (folders.empty()) {
    fmt::print(stderr, "Usage: {} CORPUS…\n", argv[0]);
    return 2;
  }
  for (const auto& folder : folders) {
    const auto files = files_in(folder);
    if (files.empty()) {
      fmt::print(stderr, "The corpus {} is missing or empty.\n", folder);
      return 1;
    }
    for (const auto& file : files) {
      if (!replay(file)) {
        fmt::print(stderr, "{} cannot be read.\n", file.string());
        return 1;
      }
    }
  }
  return 0;
}
