#include "vsphere/soap/decode.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "vsphere/soap/property_page.h"
#include "vsphere/soap/reader.h"

namespace ballast::vsphere {

namespace {

// Reads the envelope and returns convert(body) for what is in it.
template <class Body, class Convert>
auto decode(std::string_view answer, const char* element, Convert convert)
    -> Result<std::invoke_result_t<Convert, const Body&>> {
  SoapReader reader(answer);
  Body body;
  if (auto read = reader.read(element, body); !read) return fail(std::move(read.error()));
  return convert(std::as_const(body));
}

tl::unexpected<Error> lacks(std::string_view what) {
  return fail(ErrorCode::kProtocol, "the server's answer lacks " + std::string(what));
}

model::VcenterAbout about_of(const vim25__AboutInfo* about) {
  if (about == nullptr) return {};
  return {text_of(about->instanceUuid), text_of(about->fullName), text_of(about->apiVersion)};
}

ServiceContent content_of(const vim25__ServiceContent& content) {
  ServiceContent out;
  out.about = about_of(content.about);
  out.root_folder = object_of(content.rootFolder);
  out.property_collector = object_of(content.propertyCollector);
  out.view_manager = object_of(content.viewManager);
  out.session_manager = object_of(content.sessionManager);
  out.authorization_manager = object_of(content.authorizationManager);
  out.guest_operations_manager = object_of(content.guestOperationsManager);
  out.performance_manager = object_of(content.perfManager);
  out.option_manager = object_of(content.setting);
  return out;
}

UserSession session_of(const _vim25__LoginResponse& body) {
  if (body.returnval == nullptr) return {};
  return {text_of(body.returnval->key), text_of(body.returnval->userName)};
}

// One generated class reads the answers of all methods that return a text: they differ in their
// element alone.
Result<std::string> decode_text(std::string_view answer, const char* element) {
  return decode<_vim25__CurrentTimeResponse>(
      answer, element, [](const auto& body) { return text_of(body.returnval); });
}

collector::GuestProcess process_of(const vim25__GuestProcessInfo& process) {
  collector::GuestProcess out;
  out.pid = integer_of(process.pid).value_or(0);
  out.ended = process.endTime != nullptr;
  const auto code = integer_of(process.exitCode);
  if (code && *code >= std::numeric_limits<int>::min() &&
      *code <= std::numeric_limits<int>::max()) {
    out.exit_code = static_cast<int>(*code);
  }
  return out;
}

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> out;
  if (trim(text).empty()) return out;
  while (true) {
    const auto comma = text.find(',');
    out.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

// Each series carries the moref of its object: a long one would be copied many times.
constexpr std::size_t kMaxObjectIdBytes = 128;

void append_series(const vim25__PerfEntityMetricCSV& metric, std::vector<MetricSeries>& out) {
  const std::string entity = object_of(metric.entity).id;
  if (entity.size() > kMaxObjectIdBytes) return;
  const SampleTimes times(text_of(metric.sampleInfoCSV));
  for (const auto* series : metric.value) {
    if (series == nullptr || series->id == nullptr) continue;
    const auto counter = integer_of(series->id->counterId);
    if (!counter || !text_of(series->id->instance).empty()) continue;
    auto samples = times.with(text_of(series->value));
    if (!samples.empty()) out.push_back({entity, *counter, std::move(samples)});
  }
}

Result<PropertyPage> decode_page(std::string_view answer, PageKind kind) {
  auto token = next_page_token(answer, kind);
  if (!token) return fail(std::move(token.error()));
  return read_property_page(std::string(answer), *token);
}

}  // namespace

Result<ServiceContent> decode_service_content(std::string_view answer) {
  auto content = decode<_vim25__RetrieveServiceContentResponse>(
      answer, "vim25:RetrieveServiceContentResponse", [](const auto& body) {
        return body.returnval == nullptr ? ServiceContent() : content_of(*body.returnval);
      });
  if (content && (content->session_manager.id.empty() || content->property_collector.id.empty() ||
                  content->view_manager.id.empty() || content->root_folder.id.empty())) {
    return lacks("the managers that every vCenter has");
  }
  return content;
}

Result<UserSession> decode_login(std::string_view answer) {
  return decode<_vim25__LoginResponse>(answer, "vim25:LoginResponse", session_of);
}

Result<UserSession> decode_login_by_token(std::string_view answer) {
  return decode<_vim25__LoginResponse>(answer, "vim25:LoginByTokenResponse", session_of);
}

Result<UtcTime> decode_current_time(std::string_view answer) {
  auto text = decode_text(answer, "vim25:CurrentTimeResponse");
  if (!text) return fail(std::move(text.error()));
  auto time = parse_iso8601(*text);
  if (!time) return lacks("a time");
  return *time;
}

Result<ManagedObject> decode_create_container_view(std::string_view answer) {
  auto view = decode<_vim25__CreateContainerViewResponse>(
      answer, "vim25:CreateContainerViewResponse",
      [](const auto& body) { return object_of(body.returnval); });
  if (view && view->id.empty()) return lacks("the view");
  return view;
}

Result<PropertyPage> decode_properties(std::string_view answer) {
  return decode_page(answer, PageKind::kFirst);
}

Result<PropertyPage> decode_more_properties(std::string_view answer) {
  return decode_page(answer, PageKind::kNext);
}

Result<std::vector<PrivilegeAnswer>> decode_has_privileges(std::string_view answer) {
  return decode<_vim25__HasPrivilegeOnEntitiesResponse>(
      answer, "vim25:HasPrivilegeOnEntitiesResponse", [](const auto& body) {
        std::vector<PrivilegeAnswer> out;
        for (const auto* entity : body.returnval) {
          if (entity == nullptr) continue;
          for (const auto* one : entity->privAvailability) {
            if (one == nullptr) continue;
            out.push_back({text_of(one->privId), boolean_of(one->isGranted).value_or(false)});
          }
        }
        return out;
      });
}

Result<std::string> decode_create_temporary_file(std::string_view answer) {
  auto path = decode_text(answer, "vim25:CreateTemporaryFileInGuestResponse");
  if (path && path->empty()) return lacks("the file's path");
  return path;
}

Result<std::int64_t> decode_start_program(std::string_view answer) {
  auto text = decode_text(answer, "vim25:StartProgramInGuestResponse");
  if (!text) return fail(std::move(text.error()));
  const auto pid = integer_of(text->c_str());
  if (!pid || *pid < 0) return lacks("a process id");
  return *pid;
}

Result<std::vector<collector::GuestProcess>> decode_list_processes(std::string_view answer) {
  const auto processes_of = [](const auto& body) {
    std::vector<collector::GuestProcess> out;
    for (const auto* process : body.returnval) {
      if (process != nullptr) out.push_back(process_of(*process));
    }
    return out;
  };
  return decode<_vim25__ListProcessesInGuestResponse>(answer, "vim25:ListProcessesInGuestResponse",
                                                      processes_of);
}

Result<FileTransferAnswer> decode_initiate_transfer(std::string_view answer) {
  auto file = decode<_vim25__InitiateFileTransferFromGuestResponse>(
      answer, "vim25:InitiateFileTransferFromGuestResponse", [](const auto& body) {
        if (body.returnval == nullptr) return FileTransferAnswer();
        return FileTransferAnswer{text_of(body.returnval->url), integer_of(body.returnval->size)};
      });
  if (!file) return file;
  if (file->url.empty()) return lacks("the file's URL");
  if (file->size && *file->size < 0) file->size.reset();
  return file;
}

Result<std::string> decode_query_options(std::string_view answer, std::string_view name) {
  return decode<_vim25__QueryOptionsResponse>(
      answer, "vim25:QueryOptionsResponse", [name](const auto& body) {
        for (const auto* option : body.returnval) {
          if (option != nullptr && text_of(option->key) == name) return text_of(option->value);
        }
        return std::string();
      });
}

SampleTimes::SampleTimes(std::string_view text) {
  const auto fields = fields_of(text);
  are_pairs_ = fields.size() % 2 == 0;
  for (std::size_t i = 1; i < fields.size(); i += 2) {
    const auto end = parse_iso8601(fields[i]);
    ends_.push_back(end ? std::optional(*end) : std::nullopt);
  }
}

std::vector<MetricSample> SampleTimes::with(std::string_view values) const {
  const auto figures = fields_of(values);
  std::vector<MetricSample> out;
  if (!are_pairs_ || ends_.size() != figures.size()) return out;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const auto value = figure_of(figures[i]);
    if (value && ends_[i]) out.push_back({*ends_[i], *value});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return out;
}

Result<std::vector<MetricSeries>> decode_query_perf(std::string_view answer) {
  return decode<_vim25__QueryPerfResponse>(answer, "vim25:QueryPerfResponse", [](const auto& body) {
    std::vector<MetricSeries> out;
    for (const auto* metric : body.returnval) {
      if (metric != nullptr) append_series(*metric, out);
    }
    return out;
  });
}

Status decode_nothing(std::string_view answer) { return SoapReader(answer).skip(); }

Result<std::vector<std::string>> decode_service_versions(std::string_view document) {
  SoapReader reader(document);
  ServiceVersions root;
  if (auto read = reader.read_document("namespaces", root); !read) {
    return fail(std::move(read.error()));
  }
  std::vector<std::string> out;
  for (const auto* space : root.namespace_) {
    if (space == nullptr || text_of(space->name) != "urn:vim25") continue;
    out.push_back(text_of(space->version));
    if (space->priorVersions == nullptr) continue;
    for (const char* version : space->priorVersions->version) out.push_back(text_of(version));
  }
  return out;
}

}  // namespace ballast::vsphere
