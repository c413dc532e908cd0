// What the storage tests share: a folder of their own, made-up results with every field set, raw
// SQL, and child processes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/vm_result.h"
#include "storage/queries.h"
#include "storage/store.h"

namespace ballast::storage {

inline constexpr UtcTime kStart{std::chrono::milliseconds(1'790'000'000'123)};
inline constexpr OpenOptions kImpatient{std::chrono::milliseconds(50)};

// A folder that is removed at the end; other users may enter it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] std::string path(const std::string& name = "ballast.db") const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

[[nodiscard]] model::VcenterAbout make_about(const std::string& uuid = "vcenter-uuid");
[[nodiscard]] model::Host make_host(int number);
// VM `number` as a poll saw it, on host number % 8; every field set.
[[nodiscard]] model::VmView make_vm(int number);
// The same with a guest sample, the verdict `balloon` and every figure set.
[[nodiscard]] model::VmResult make_result(int number);
// A guest that could not be read.
[[nodiscard]] model::VmResult make_unread(int number, model::UnknownReason reason,
                                          const std::string& detail = "");
// VMs 1..count, every third without a guest.
[[nodiscard]] std::vector<model::VmResult> make_fleet(int count);

// The value; a test failure and an abort of the test program if there is none.
template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().sentence();
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Begins a scan and announces the vCenter.
ScanId begin(Store& store, const std::string& vcenter = "lab",
             const model::VcenterAbout& about = make_about(), UtcTime started_at = kStart);
// A whole scan that ends as `status`.
ScanId write_scan(Store& store, const std::vector<model::VmResult>& results,
                  model::ScanStatus status = model::ScanStatus::kComplete,
                  const std::string& vcenter = "lab",
                  const model::VcenterAbout& about = make_about(), UtcTime started_at = kStart);
[[nodiscard]] std::vector<VmRow> rows_of(Queries& queries, ScanId scan);
// Names of the VMs of a scan, sorted; opens the file anew.
[[nodiscard]] std::vector<std::string> names_in(const std::string& path, ScanId scan);

void run_sql(const std::string& path, const std::string& sql);
[[nodiscard]] std::int64_t ask_sql(const std::string& path, const std::string& sql);
[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

// Runs `job` in a child process and gives its exit code, or -signal.
int in_child(const std::function<int()>& job);
// The same for a job that returns a sentence (at most a pipe full), as nobody instead of root.
std::string said_by_nobody(const std::function<std::string()>& job);
// Starts it, without waiting. The child ends with this process at the latest.
pid_t start_child(const std::function<int()>& job);
int wait_for(pid_t child);
// Gives up root's rights (in a child), so that permissions mean something.
void become_nobody();

}  // namespace ballast::storage
