// Request envelopes of the vim25 methods that ballast calls. Text is escaped; strings must be
// UTF-8. All of it is pure and may run on any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

[[nodiscard]] SoapRequest encode_retrieve_service_content();
[[nodiscard]] SoapRequest encode_login(const ManagedObject& session_manager,
                                       const std::string& username, const Secret& password);
[[nodiscard]] SoapRequest encode_logout(const ManagedObject& session_manager);
[[nodiscard]] SoapRequest encode_current_time();

[[nodiscard]] SoapRequest encode_has_privileges(const ManagedObject& authorization_manager,
                                                const ManagedObject& entity,
                                                const std::string& session_key,
                                                const std::vector<std::string>& privileges);

// A view of everything of `types` below `container`. Whether a server takes subtypes along is not
// documented: name them.
[[nodiscard]] SoapRequest encode_create_container_view(const ManagedObject& view_manager,
                                                       const ManagedObject& container,
                                                       const std::vector<std::string>& types);
[[nodiscard]] SoapRequest encode_destroy_view(const ManagedObject& view);

// The properties wanted of objects of one type, subtypes included.
struct WantedProperties {
  std::string type;
  std::vector<std::string> paths;
};

// Which objects a query reads, beginning at `start`.
enum class Reach {
  kObject,            // `start` itself
  kView,              // what is in the view `start`
  kViewAndAncestors,  // the same and everything above it, each object once
};

struct PropertyQuery {
  ManagedObject start;
  Reach reach = Reach::kObject;
  std::vector<WantedProperties> wanted;
  std::int32_t page_size = 0;  // 0: the server decides
};

[[nodiscard]] SoapRequest encode_retrieve_properties(const ManagedObject& property_collector,
                                                     const PropertyQuery& query);
[[nodiscard]] SoapRequest encode_continue_retrieve(const ManagedObject& property_collector,
                                                   const std::string& token);
[[nodiscard]] SoapRequest encode_cancel_retrieve(const ManagedObject& property_collector,
                                                 const std::string& token);

[[nodiscard]] SoapRequest encode_query_options(const ManagedObject& option_manager,
                                               const std::string& name);

// The interval of realtime samples, in seconds: vSphere Web Services API, PerformanceManager.
inline constexpr std::int32_t kRealtimeIntervalS = 20;

// The newest realtime samples of some counters of some objects of one type.
struct PerfQuery {
  std::string type;  // "VirtualMachine"
  std::vector<std::int64_t> counters;
  UtcTime start{};               // by the server's clock
  std::int32_t max_samples = 1;  // of each counter
};
// `entities` are morefs.
[[nodiscard]] SoapRequest encode_query_perf(const ManagedObject& performance_manager,
                                            const PerfQuery& query,
                                            const std::vector<std::string>& entities);

// One guest, and who to be in it. `manager` is the process or the file manager.
struct GuestTarget {
  ManagedObject manager;
  std::string vm;  // moref
  std::string username;
  Secret password;
};

[[nodiscard]] SoapRequest encode_create_temporary_file(const GuestTarget& guest,
                                                       const std::string& prefix,
                                                       const std::string& suffix);
// The program starts in "/".
[[nodiscard]] SoapRequest encode_start_program(const GuestTarget& guest, const std::string& path,
                                               const std::string& arguments);
[[nodiscard]] SoapRequest encode_list_process(const GuestTarget& guest, std::int64_t pid);
[[nodiscard]] SoapRequest encode_terminate_process(const GuestTarget& guest, std::int64_t pid);
[[nodiscard]] SoapRequest encode_initiate_transfer(const GuestTarget& guest,
                                                   const std::string& path);
[[nodiscard]] SoapRequest encode_delete_file(const GuestTarget& guest, const std::string& path);

}  // namespace ballast::vsphere
