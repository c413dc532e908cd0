#include "vsphere/soap_values.h"

#include <charconv>

#include "base/text.h"

namespace ballast::vsphere {

namespace {

// More than any machine has, in KB or MB; keeps later unit conversion from overflowing.
constexpr std::int64_t kLargestFigure = std::int64_t{1} << 50;

std::optional<std::int64_t> figure(const char* text) {
  const auto value = integer_of(text);
  return value && *value >= 0 && *value <= kLargestFigure ? value : std::nullopt;
}

QuickStatsFigures stats_of(const vim25__VirtualMachineQuickStats& stats) {
  QuickStatsFigures out;
  out.ballooned_mb = figure(stats.balloonedMemory);
  out.host_usage_mb = figure(stats.hostMemoryUsage);
  out.guest_usage_mb = figure(stats.guestMemoryUsage);
  out.granted_mb = figure(stats.grantedMemory);
  out.swapped_mb = figure(stats.swappedMemory);
  out.compressed_kb = figure(stats.compressedMemory);
  out.shared_mb = figure(stats.sharedMemory);
  out.private_mb = figure(stats.privateMemory);
  out.overhead_mb = figure(stats.consumedOverheadMemory);
  out.uptime_s = figure(stats.uptimeSeconds);
  return out;
}

AllocationFigures allocation_of(const vim25__ResourceAllocationInfo& allocation) {
  AllocationFigures out;
  out.reservation_mb = figure(allocation.reservation);
  out.limit_mb = integer_of(allocation.limit) == -1 ? -1 : figure(allocation.limit);
  return out;
}

std::string key_of(const vim25__ElementDescription* description) {
  return description == nullptr ? std::string() : text_of(description->key);
}

std::vector<CounterInfo> counters_of(const vim25__ArrayOfPerfCounterInfo& counters) {
  std::vector<CounterInfo> out;
  for (const auto* counter : counters.PerfCounterInfo) {
    const auto id = counter == nullptr ? std::nullopt : integer_of(counter->key);
    if (!id) continue;
    out.push_back(
        {*id, key_of(counter->groupInfo), key_of(counter->nameInfo), text_of(counter->rollupType)});
  }
  return out;
}

template <class Simple>
PropertyValue simple(const xsd__anyType& value) {
  return text_of(static_cast<const Simple&>(value).__item);
}

}  // namespace

PropertyValue value_of(const xsd__anyType* value) {
  if (value == nullptr) return {};
  switch (value->soap_type()) {
    case SOAP_TYPE_xsd__string_:
      return simple<xsd__string_>(*value);
    case SOAP_TYPE_xsd__boolean_:
      return simple<xsd__boolean_>(*value);
    case SOAP_TYPE_xsd__short_:
      return simple<xsd__short_>(*value);
    case SOAP_TYPE_xsd__int_:
      return simple<xsd__int_>(*value);
    case SOAP_TYPE_xsd__long_:
      return simple<xsd__long_>(*value);
    case SOAP_TYPE_xsd__dateTime_:
      return simple<xsd__dateTime_>(*value);
    case SOAP_TYPE_vim25__VirtualMachinePowerState:
      return simple<vim25__VirtualMachinePowerState>(*value);
    case SOAP_TYPE_vim25__VirtualMachineConnectionState:
      return simple<vim25__VirtualMachineConnectionState>(*value);
    case SOAP_TYPE_vim25__ManagedObjectReference:
      return object_of(static_cast<const vim25__ManagedObjectReference*>(value));
    case SOAP_TYPE_vim25__VirtualMachineQuickStats:
      return stats_of(static_cast<const vim25__VirtualMachineQuickStats&>(*value));
    case SOAP_TYPE_vim25__ResourceAllocationInfo:
      return allocation_of(static_cast<const vim25__ResourceAllocationInfo&>(*value));
    case SOAP_TYPE_vim25__ArrayOfPerfCounterInfo:
      return counters_of(static_cast<const vim25__ArrayOfPerfCounterInfo&>(*value));
    default:
      return {};
  }
}

namespace {

std::string fault_name(const vim25__LocalizedMethodFault* fault) {
  if (fault == nullptr || fault->fault == nullptr) return {};
  const std::string type = text_of(fault->fault->xsi__type);
  return type.substr(type.rfind(':') + 1);
}

ObjectProperties properties_of(const vim25__ObjectContent& content) {
  ObjectProperties out;
  out.object = object_of(content.obj);
  out.properties.reserve(content.propSet.size());
  for (const auto* property : content.propSet) {
    if (property == nullptr) continue;
    out.properties.push_back({text_of(property->name), value_of(property->val)});
  }
  for (const auto* missing : content.missingSet) {
    if (missing == nullptr) continue;
    out.missing.push_back({text_of(missing->path), fault_name(missing->fault)});
  }
  return out;
}

}  // namespace

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

std::optional<std::int64_t> integer_of(const char* text) {
  if (text == nullptr) return std::nullopt;
  std::string_view digits = trim(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<bool> boolean_of(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view word = trim(text);
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  return std::nullopt;
}

ManagedObject object_of(const vim25__ManagedObjectReference* object) {
  if (object == nullptr) return {};
  return {text_of(object->type), text_of(object->__item)};
}

PropertyPage page_of(const vim25__RetrieveResult* result) {
  PropertyPage out;
  if (result == nullptr) return out;
  out.token = text_of(result->token);
  out.objects.reserve(result->objects.size());
  for (const auto* content : result->objects) {
    if (content != nullptr) out.objects.push_back(properties_of(*content));
  }
  return out;
}

}  // namespace ballast::vsphere
