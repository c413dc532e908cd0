// Writes the request envelopes of the vim25 methods that ballast calls (vSphere Web Services API).
// Texts are escaped; they must be UTF-8. Pure; any thread.
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

// Asks for a view of all objects of `types` below `container`. Name subtypes, too: it is not
// documented whether a server includes them.
[[nodiscard]] SoapRequest encode_create_container_view(const ManagedObject& view_manager,
                                                       const ManagedObject& container,
                                                       const std::vector<std::string>& types);
[[nodiscard]] SoapRequest encode_destroy_view(const ManagedObject& view);

// Which properties are wanted of the objects of one type and its subtypes.
struct WantedProperties {
  std::string type;
  std::vector<std::string> paths;
};

// Which objects a query reads, beginning at `start`.
enum class Reach {
  kObject,            // `start` itself
  kView,              // the objects in the view `start`
  kViewAndAncestors,  // these and everything above them, each object once
};

struct PropertyQuery {
  ManagedObject start;
  Reach reach = Reach::kObject;
  std::vector<WantedProperties> wanted;
  std::int32_t page_size = 0;  // 0: the server decides
};

[[nodiscard]] SoapRequest encode_retrieve_properties(const ManagedObject& property_collector,
                                                     const PropertyQuery& query);
// Asks for the same properties of each of `objects`, which must be of the type that `wanted` names.
[[nodiscard]] SoapRequest encode_retrieve_of_each(const ManagedObject& property_collector,
                                                  const std::vector<ManagedObject>& objects,
                                                  const WantedProperties& wanted);
[[nodiscard]] SoapRequest encode_continue_retrieve(const ManagedObject& property_collector,
                                                   const std::string& token);
[[nodiscard]] SoapRequest encode_cancel_retrieve(const ManagedObject& property_collector,
                                                 const std::string& token);

[[nodiscard]] SoapRequest encode_query_options(const ManagedObject& option_manager,
                                               const std::string& name);

// The interval of realtime samples in seconds (vSphere Web Services API, PerformanceManager).
inline constexpr std::int32_t kRealtimeIntervalS = 20;

// Which realtime samples are wanted: the newest ones of some counters, for objects of one type.
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

// Where and as whom a guest operation runs.
struct GuestTarget {
  ManagedObject manager;  // the guest process manager or the guest file manager
  std::string vm;         // moref
  std::string username;
  Secret password;
};

[[nodiscard]] SoapRequest encode_create_temporary_file(const GuestTarget& guest,
                                                       const std::string& prefix,
                                                       const std::string& suffix);
// The program starts in "/", with `environment` ("NAME=value") in place of the guest's own,
// if there is any.
[[nodiscard]] SoapRequest encode_start_program(const GuestTarget& guest, const std::string& path,
                                               const std::string& arguments,
                                               const std::vector<Secret>& environment);
[[nodiscard]] SoapRequest encode_list_process(const GuestTarget& guest, std::int64_t pid);
[[nodiscard]] SoapRequest encode_terminate_process(const GuestTarget& guest, std::int64_t pid);
[[nodiscard]] SoapRequest encode_initiate_transfer(const GuestTarget& guest,
                                                   const std::string& path);
[[nodiscard]] SoapRequest encode_delete_file(const GuestTarget& guest, const std::string& path);

}  // namespace ballast::vsphere
