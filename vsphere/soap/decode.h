// Reads the answers of the vim25 methods that ballast calls (vSphere Web Services API) into plain
// values. A fault comes back as the Error that explains it (Error::fault is its class name), an
// answer to something else as kProtocol. Types and members that ballast does not know are skipped.
// A figure that is no number, negative (except a limit's -1) or beyond belief stays unset. Pure;
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "collector/ports/guest_process.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

[[nodiscard]] Result<ServiceContent> decode_service_content(std::string_view answer);
// Read the answers of Login and of LoginByToken.
[[nodiscard]] Result<UserSession> decode_login(std::string_view answer);
[[nodiscard]] Result<UserSession> decode_login_by_token(std::string_view answer);
[[nodiscard]] Result<UtcTime> decode_current_time(std::string_view answer);
// Returns the new view.
[[nodiscard]] Result<ManagedObject> decode_create_container_view(std::string_view answer);
// Read the answers of RetrievePropertiesEx and of ContinueRetrievePropertiesEx.
[[nodiscard]] Result<PropertyPage> decode_properties(std::string_view answer);
[[nodiscard]] Result<PropertyPage> decode_more_properties(std::string_view answer);

struct PrivilegeAnswer {
  std::string id;
  bool granted = false;
};
[[nodiscard]] Result<std::vector<PrivilegeAnswer>> decode_has_privileges(std::string_view answer);

// Returns the path of the new file.
[[nodiscard]] Result<std::string> decode_create_temporary_file(std::string_view answer);
// Returns the process id.
[[nodiscard]] Result<std::int64_t> decode_start_program(std::string_view answer);

// ListProcessesInGuest. A program has ended where its endTime is set.
[[nodiscard]] Result<std::vector<collector::GuestProcess>> decode_list_processes(
    std::string_view answer);

struct FileTransferAnswer {
  std::string url;  // valid once, for 10 minutes; host may be "*": the server that was called
  std::optional<std::int64_t> size;
};
[[nodiscard]] Result<FileTransferAnswer> decode_initiate_transfer(std::string_view answer);

// Returns the value of the option `name`; "" if it is not among the answers.
[[nodiscard]] Result<std::string> decode_query_options(std::string_view answer,
                                                       std::string_view name);
// The sample times of one object, which all its counters share, as QueryPerf writes them in format
// csv (PerfEntityMetricCSV).
class SampleTimes {
 public:
  // Reads "20,2026-11-23T13:09:20Z,20,2026-11-23T13:09:40Z": seconds and end of each interval.
  explicit SampleTimes(std::string_view text);

  // Returns the samples of one counter, whose `values` are "10240,-1", sorted by time. -1 means
  // that there is no data; such samples, and those whose time or value makes no sense, are left
  // out. If there are not as many values as times, nobody knows which belong together: returns
  // none.
  [[nodiscard]] std::vector<MetricSample> with(std::string_view values) const;

 private:
  std::vector<std::optional<UtcTime>> ends_;
  bool are_pairs_ = false;
};

// Reads an answer in format csv: one series for each object and counter that has samples. Values of
// an object's instances (its single disks, say) are left out.
[[nodiscard]] Result<std::vector<MetricSeries>> decode_query_perf(std::string_view answer);

// Tells faults from success, for methods that return nothing.
[[nodiscard]] Status decode_nothing(std::string_view answer);

// Reads vimServiceVersions.xml. Returns the versions of namespace urn:vim25, the server's own
// first; none if the document does not name that namespace.
[[nodiscard]] Result<std::vector<std::string>> decode_service_versions(std::string_view document);

}  // namespace ballast::vsphere
