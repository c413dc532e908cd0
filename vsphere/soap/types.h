// Plain values that go into and come out of SOAP messages. Nothing of gSOAP is visible here.
// An optional that is empty, or an empty string, means that the server did not say.
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

// The managers that the other calls are addressed to. One that the server lacks has an empty id.
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

// ResourceAllocationInfo of memory.
struct AllocationFigures {
  std::optional<std::int64_t> reservation_mb;
  std::optional<std::int64_t> limit_mb;  // -1: none
};

// PerfCounterInfo: a counter is known by three words, mem.vmmemctl.average, and has another id on
// every server.
struct CounterInfo {
  std::int64_t id = 0;
  std::string group;
  std::string name;
  std::string rollup;
};

// A property's value: text for every simple type. monostate: of a type that ballast does not know.
using PropertyValue = std::variant<std::monostate, std::string_view, ManagedObject,
                                   model::QuickStats, AllocationFigures, std::vector<CounterInfo>>;

// Names and texts are views into the page that they came with.
struct Property {
  std::string_view name;  // the path that was asked for
  PropertyValue value;
};

// A property that the server could not give, and the fault's class name.
struct MissingProperty {
  std::string name;
  std::string fault;
};

struct ObjectProperties {
  ManagedObject object;
  std::vector<Property> properties;
  std::vector<MissingProperty> missing;
};

struct PageText;  // what the views of a page point into

// One answer of RetrievePropertiesEx or ContinueRetrievePropertiesEx. `token` asks for the next
// one, once and in the same session; "" if this was the last.
struct PropertyPage {
  std::string token;
  std::vector<ObjectProperties> objects;  // good as long as `text`
  std::shared_ptr<const PageText> text;
};

// One sample of a counter, in the counter's own unit.
struct MetricSample {
  UtcTime at{};  // the end of its interval
  std::int64_t value = 0;
  friend bool operator==(const MetricSample&, const MetricSample&) = default;
};

// What QueryPerf answers for one counter of one object, the newest sample last.
struct MetricSeries {
  std::string entity;  // moref
  std::int64_t counter = 0;
  std::vector<MetricSample> samples;
};

}  // namespace ballast::vsphere
