// Plain values that go into and come out of SOAP messages, without anything of gSOAP. An empty
// optional or string means that the server did not say. Names in comments are those of the vSphere
// Web Services API.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "model/inventory.h"

namespace ballast::vsphere {

// A reference to something the server manages: {"VirtualMachine", "vm-42"}.
struct ManagedObject {
  std::string type;
  std::string id;
  friend bool operator==(const ManagedObject&, const ManagedObject&) = default;
};

// A request ready to be sent. Envelopes are kept as secrets because some carry a password.
struct SoapRequest {
  std::string method;  // "Login": for logs
  Secret envelope;
};

// ServiceContent: the managers that all other calls are made on. One that the server lacks has an
// empty id.
struct ServiceContent {
  model::VcenterAbout about;
  ManagedObject root_folder;
  ManagedObject property_collector;
  ManagedObject view_manager;
  ManagedObject session_manager;
  ManagedObject authorization_manager;
  ManagedObject guest_operations_manager;
  ManagedObject performance_manager;
  ManagedObject option_manager;
};

// UserSession.
struct UserSession {
  std::string key;
  std::string user;  // as the server calls it, "VSPHERE.LOCAL\\monitor"
};

// ResourceAllocationInfo of memory.
struct AllocationFigures {
  std::optional<std::int64_t> reservation_mb;
  std::optional<std::int64_t> limit_mb;  // -1: none
};

// PerfCounterInfo: three words name a counter (mem.vmmemctl.average); its id is another on every
// server.
struct CounterInfo {
  std::int64_t id = 0;
  std::string group;
  std::string name;
  std::string rollup;
};

// A property's value; every simple type is text. monostate stands for a type that ballast does not
// know.
using PropertyValue = std::variant<std::monostate, std::string_view, ManagedObject,
                                   model::QuickStats, AllocationFigures, std::vector<CounterInfo>>;

// Name and text are views into the page that the property came with.
struct Property {
  std::string_view name;  // the path that was asked for
  PropertyValue value;
};

// A property that the server could not give.
struct MissingProperty {
  std::string name;
  std::string fault;  // class name of the reason
};

struct ObjectProperties {
  ManagedObject object;
  std::vector<Property> properties;
  std::vector<MissingProperty> missing;
};

struct PageText;  // what the views of a page point into

// One answer of RetrievePropertiesEx or ContinueRetrievePropertiesEx.
struct PropertyPage {
  std::string token;  // asks for the next page, once, in the same session; "" if this is the last
  std::vector<ObjectProperties> objects;  // valid as long as `text` lives
  std::shared_ptr<const PageText> text;
};

// One sample of a counter, in the counter's own unit.
struct MetricSample {
  UtcTime at{};  // the end of its interval
  std::int64_t value = 0;
  friend bool operator==(const MetricSample&, const MetricSample&) = default;
};

// The samples of one counter of one object, oldest first.
struct MetricSeries {
  std::string entity;  // moref
  std::int64_t counter = 0;
  std::vector<MetricSample> samples;
};

}  // namespace ballast::vsphere
