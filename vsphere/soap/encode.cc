#include "vsphere/soap/encode.h"

#include <stdexcept>

#include "vsphere/soap/context.h"

namespace ballast::vsphere {

namespace {

using Reference = vim25__ManagedObjectReference;

// gSOAP's members are `char *`, but writing only reads them.
char* text(const char* value) { return const_cast<char*>(value); }
char* text(const std::string& value) { return text(value.c_str()); }

std::vector<char*> texts(const std::vector<Secret>& values) {
  std::vector<char*> out;
  out.reserve(values.size());
  for (const auto& value : values) out.push_back(text(value.reveal()));
  return out;
}

std::vector<char*> texts(const std::vector<std::string>& values) {
  std::vector<char*> out;
  out.reserve(values.size());
  for (const auto& value : values) out.push_back(text(value));
  return out;
}

Reference reference(const char* type, const std::string& id) {
  Reference out;
  out.type = text(type);
  out.__item = text(id);
  return out;
}

Reference reference(const ManagedObject& object) {
  return reference(object.type.c_str(), object.id);
}

template <class Body>
SoapRequest write(const std::string& method, Body& body) {
  SoapOutput output;
  struct soap* soap = output.get();
  soap_set_version(soap, 1);
  soap->encodingStyle = nullptr;
  const std::string element = "vim25:" + method;
  if (soap_begin_send(soap) != SOAP_OK || soap_envelope_begin_out(soap) != SOAP_OK ||
      soap_body_begin_out(soap) != SOAP_OK ||
      body.soap_put(soap, element.c_str(), nullptr) != SOAP_OK ||
      soap_body_end_out(soap) != SOAP_OK || soap_envelope_end_out(soap) != SOAP_OK ||
      soap_end_send(soap) != SOAP_OK) {
    throw std::logic_error("cannot write a " + method + " request");
  }
  return {method, output.take()};
}

// Writes a call whose only argument is the object it is made on.
template <class Body>
SoapRequest write_call(const std::string& method, const ManagedObject& object) {
  auto self = reference(object);
  Body body;
  body._USCOREthis = &self;
  return write(method, body);
}

template <class Body>
SoapRequest write_token_call(const std::string& method, const ManagedObject& object,
                             const std::string& token) {
  auto self = reference(object);
  Body body;
  body._USCOREthis = &self;
  body.token = text(token);
  return write(method, body);
}

// Says how the property collector walks: from a container view to what is in it and, if asked for,
// from there to everything above. gSOAP's objects point at each other, so this stays where it is.
class ViewTraversal {
 public:
  explicit ViewTraversal(Reach reach) {
    into_view_.name = text("view");
    into_view_.type = text("ContainerView");
    into_view_.path = text("view");
    if (reach != Reach::kViewAndAncestors) return;
    upwards_again_.name = upwards_.name = text("upwards");
    upwards_.type = text("ManagedEntity");
    upwards_.path = text("parent");
    upwards_.selectSet.push_back(&upwards_again_);
    into_view_.selectSet.push_back(&upwards_);
  }
  ViewTraversal(const ViewTraversal&) = delete;
  ViewTraversal& operator=(const ViewTraversal&) = delete;

  vim25__SelectionSpec* get() { return &into_view_; }

 private:
  vim25__SelectionSpec upwards_again_;
  vim25__TraversalSpec upwards_;
  vim25__TraversalSpec into_view_;
};

// Guest operations share the VM and the login; fill(body) adds what is different.
template <class Body, class Fill>
SoapRequest write_guest_call(const std::string& method, const GuestTarget& guest, Fill fill) {
  auto self = reference(guest.manager);
  auto vm = reference("VirtualMachine", guest.vm);
  vim25__NamePasswordAuthentication login;
  login.interactiveSession = false;
  login.username = text(guest.username);
  login.password = text(guest.password.reveal());
  Body body;
  body._USCOREthis = &self;
  body.vm = &vm;
  body.auth = &login;
  fill(body);
  return write(method, body);
}

}  // namespace

SoapRequest encode_retrieve_service_content() {
  return write_call<_vim25__RetrieveServiceContent>("RetrieveServiceContent",
                                                    {"ServiceInstance", "ServiceInstance"});
}

SoapRequest encode_login(const ManagedObject& session_manager, const std::string& username,
                         const Secret& password) {
  auto self = reference(session_manager);
  _vim25__Login body;
  body._USCOREthis = &self;
  body.userName = text(username);
  body.password = text(password.reveal());
  return write("Login", body);
}

SoapRequest encode_logout(const ManagedObject& session_manager) {
  return write_call<_vim25__Logout>("Logout", session_manager);
}

SoapRequest encode_current_time() {
  return write_call<_vim25__CurrentTime>("CurrentTime", {"ServiceInstance", "ServiceInstance"});
}

SoapRequest encode_has_privileges(const ManagedObject& authorization_manager,
                                  const ManagedObject& entity, const std::string& session_key,
                                  const std::vector<std::string>& privileges) {
  auto self = reference(authorization_manager);
  auto asked = reference(entity);
  _vim25__HasPrivilegeOnEntities body;
  body._USCOREthis = &self;
  body.entity = &asked;
  body.sessionId = text(session_key);
  body.privId = texts(privileges);
  return write("HasPrivilegeOnEntities", body);
}

SoapRequest encode_create_container_view(const ManagedObject& view_manager,
                                         const ManagedObject& container,
                                         const std::vector<std::string>& types) {
  auto self = reference(view_manager);
  auto below = reference(container);
  _vim25__CreateContainerView body;
  body._USCOREthis = &self;
  body.container = &below;
  body.type = texts(types);
  body.recursive = true;
  return write("CreateContainerView", body);
}

SoapRequest encode_destroy_view(const ManagedObject& view) {
  return write_call<_vim25__DestroyView>("DestroyView", view);
}

SoapRequest encode_retrieve_properties(const ManagedObject& property_collector,
                                       const PropertyQuery& query) {
  auto self = reference(property_collector);
  auto start = reference(query.start);
  ViewTraversal traversal(query.reach);
  vim25__ObjectSpec objects;
  objects.obj = &start;
  if (query.reach != Reach::kObject) {
    objects.skip = true;
    objects.selectSet.push_back(traversal.get());
  }
  std::vector<vim25__PropertySpec> wanted(query.wanted.size());
  vim25__PropertyFilterSpec filter;
  filter.objectSet.push_back(&objects);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    wanted[i].type = text(query.wanted[i].type);
    wanted[i].pathSet = texts(query.wanted[i].paths);
    filter.propSet.push_back(&wanted[i]);
  }
  vim25__RetrieveOptions options;
  int page_size = query.page_size;
  if (page_size > 0) options.maxObjects = &page_size;
  _vim25__RetrievePropertiesEx body;
  body._USCOREthis = &self;
  body.specSet = &filter;
  body.options = &options;
  return write("RetrievePropertiesEx", body);
}

SoapRequest encode_retrieve_of_each(const ManagedObject& property_collector,
                                    const std::vector<ManagedObject>& objects,
                                    const WantedProperties& wanted) {
  auto self = reference(property_collector);
  vim25__PropertySpec properties;
  properties.type = text(wanted.type);
  properties.pathSet = texts(wanted.paths);
  vim25__PropertyFilterSpec filter;
  filter.propSet.push_back(&properties);
  std::vector<Reference> references;
  references.reserve(objects.size());
  std::vector<vim25__ObjectSpec> specs(objects.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    references.push_back(reference(objects[i]));
    specs[i].obj = &references[i];
    filter.objectSet.push_back(&specs[i]);
  }
  vim25__RetrieveOptions options;
  _vim25__RetrievePropertiesEx body;
  body._USCOREthis = &self;
  body.specSet = &filter;
  body.options = &options;
  return write("RetrievePropertiesEx", body);
}

SoapRequest encode_continue_retrieve(const ManagedObject& property_collector,
                                     const std::string& token) {
  return write_token_call<_vim25__ContinueRetrievePropertiesEx>("ContinueRetrievePropertiesEx",
                                                                property_collector, token);
}

SoapRequest encode_cancel_retrieve(const ManagedObject& property_collector,
                                   const std::string& token) {
  return write_token_call<_vim25__CancelRetrievePropertiesEx>("CancelRetrievePropertiesEx",
                                                              property_collector, token);
}

SoapRequest encode_query_options(const ManagedObject& option_manager, const std::string& name) {
  auto self = reference(option_manager);
  _vim25__QueryOptions body;
  body._USCOREthis = &self;
  body.name = text(name);
  return write("QueryOptions", body);
}

// Format csv: an hour of samples takes a fifth of the bytes of format `normal`, and a handful of
// XML elements in place of hundreds.
SoapRequest encode_query_perf(const ManagedObject& performance_manager, const PerfQuery& query,
                              const std::vector<std::string>& morefs) {
  auto self = reference(performance_manager);
  const std::string start = format_iso8601(query.start);
  std::vector<std::string> ids;
  ids.reserve(query.counters.size());
  std::vector<vim25__PerfMetricId> metrics(query.counters.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    ids.push_back(std::to_string(query.counters[i]));
    metrics[i].counterId = text(ids[i]);
    metrics[i].instance = text("");  // the whole object
  }
  std::vector<Reference> entities;
  entities.reserve(morefs.size());
  std::vector<vim25__PerfQuerySpec> specs(morefs.size());
  _vim25__QueryPerf body;
  body._USCOREthis = &self;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    entities.push_back(reference(query.type.c_str(), morefs[i]));
    specs[i].entity = &entities[i];
    specs[i].startTime = text(start);
    specs[i].maxSample = query.max_samples;
    for (auto& metric : metrics) specs[i].metricId.push_back(&metric);
    specs[i].intervalId = kRealtimeIntervalS;
    specs[i].format = text("csv");
    body.querySpec.push_back(&specs[i]);
  }
  return write("QueryPerf", body);
}

SoapRequest encode_create_temporary_file(const GuestTarget& guest, const std::string& prefix,
                                         const std::string& suffix) {
  const auto fill = [&](auto& body) {
    body.prefix = text(prefix);
    body.suffix = text(suffix);
  };
  return write_guest_call<_vim25__CreateTemporaryFileInGuest>("CreateTemporaryFileInGuest", guest,
                                                              fill);
}

SoapRequest encode_start_program(const GuestTarget& guest, const std::string& path,
                                 const std::string& arguments,
                                 const std::vector<Secret>& environment) {
  vim25__GuestProgramSpec program;
  program.programPath = text(path);
  program.arguments = text(arguments);
  program.workingDirectory = text("/");
  program.envVariables = texts(environment);
  return write_guest_call<_vim25__StartProgramInGuest>("StartProgramInGuest", guest,
                                                       [&](auto& body) { body.spec = &program; });
}

SoapRequest encode_list_process(const GuestTarget& guest, std::int64_t pid) {
  return write_guest_call<_vim25__ListProcessesInGuest>("ListProcessesInGuest", guest,
                                                        [&](auto& body) { body.pids = pid; });
}

SoapRequest encode_terminate_process(const GuestTarget& guest, std::int64_t pid) {
  return write_guest_call<_vim25__TerminateProcessInGuest>("TerminateProcessInGuest", guest,
                                                           [&](auto& body) { body.pid = pid; });
}

SoapRequest encode_initiate_transfer(const GuestTarget& guest, const std::string& path) {
  return write_guest_call<_vim25__InitiateFileTransferFromGuest>(
      "InitiateFileTransferFromGuest", guest, [&](auto& body) { body.guestFilePath = text(path); });
}

SoapRequest encode_delete_file(const GuestTarget& guest, const std::string& path) {
  return write_guest_call<_vim25__DeleteFileInGuest>(
      "DeleteFileInGuest", guest, [&](auto& body) { body.filePath = text(path); });
}

}  // namespace ballast::vsphere
