// Answers of the vim25 methods that ballast calls, as plain values. A fault comes back as the Error
// that explains it (Error::fault is its class name), anything that is not the expected answer as
// kProtocol. Types and members that ballast does not know are skipped; a figure that is no number,
// negative (but for a limit's -1) or beyond belief is left unset. Pure; any thread.
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
// The session's key.
[[nodiscard]] Result<std::string> decode_login(std::string_view answer);
[[nodiscard]] Result<UtcTime> decode_current_time(std::string_view answer);
// The new view.
[[nodiscard]] Result<ManagedObject> decode_create_container_view(std::string_view answer);
// Of RetrievePropertiesEx and of ContinueRetrievePropertiesEx.
[[nodiscard]] Result<PropertyPage> decode_properties(std::string_view answer);
[[nodiscard]] Result<PropertyPage> decode_more_properties(std::string_view answer);

struct PrivilegeAnswer {
  std::string id;
  bool granted = false;
};
[[nodiscard]] Result<std::vector<PrivilegeAnswer>> decode_has_privileges(std::string_view answer);

// CreateTemporaryFileInGuest's path.
[[nodiscard]] Result<std::string> decode_create_temporary_file(std::string_view answer);
// StartProgramInGuest's pid.
[[nodiscard]] Result<std::int64_t> decode_start_program(std::string_view answer);

// ListProcessesInGuest. A program has ended where its endTime is set.
[[nodiscard]] Result<std::vector<collector::GuestProcess>> decode_list_processes(
    std::string_view answer);

struct FileTransferAnswer {
  std::string url;  // valid once, for 10 minutes; host may be "*": the server that was called
  std::optional<std::int64_t> size;
};
[[nodiscard]] Result<FileTransferAnswer> decode_initiate_transfer(std::string_view answer);

// QueryOptions: the value of the option `name`; "" if it is not among the answers.
[[nodiscard]] Result<std::string> decode_query_options(std::string_view answer,
                                                       std::string_view name);
// QueryPerf, in format csv: a series for each object and counter that has samples. Only what is
// counted over the whole object is kept, not its instances.
[[nodiscard]] Result<std::vector<MetricSeries>> decode_query_perf(std::string_view answer);

// Of methods that return nothing: only tells faults from success.
[[nodiscard]] Status decode_nothing(std::string_view answer);

// vimServiceVersions.xml: the versions of namespace urn:vim25, the server's own first; empty if it
// does not name that.
[[nodiscard]] Result<std::vector<std::string>> decode_service_versions(std::string_view document);

}  // namespace ballast::vsphere
