// Request envelopes of the vim25 methods that ballast calls. Text is escaped; strings must be
// UTF-8. All of it is pure and may run on any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"
#include "vsphere/soap_types.h"

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

// A view of everything of `type` below `container`.
[[nodiscard]] SoapRequest encode_create_container_view(const ManagedObject& view_manager,
                                                       const ManagedObject& container,
                                                       const std::string& type);
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
