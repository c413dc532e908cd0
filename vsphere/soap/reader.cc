#include "vsphere/soap/reader.h"

#include <charconv>
#include <string>

#include "base/text.h"
#include "vsphere/soap/vim_fault.h"

namespace ballast::vsphere {

namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kFaultSuffix = "Fault";

std::string words_of(const vim25__ManagedObjectReference* object) {
  return object == nullptr ? std::string() : text_of(object->type) + " " + text_of(object->__item);
}

std::string first_of(std::initializer_list<const char*> values) {
  for (const char* value : values) {
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string without_namespace(const std::string& name) { return name.substr(name.rfind(':') + 1); }

// <ns1:InvalidLoginFault xsi:type="ns1:InvalidLogin"> -> "InvalidLogin"
std::string class_name(const vim25__MethodFault& fault, const std::string& element) {
  if (fault.xsi__type != nullptr) return without_namespace(fault.xsi__type);
  std::string name = without_namespace(element);
  if (name.size() > kFaultSuffix.size() && name.ends_with(kFaultSuffix)) {
    name.resize(name.size() - kFaultSuffix.size());
  }
  return name;
}

void describe(const vim25__MethodFault& fault, SoapFault& out) {
  out.privilege = text_of(fault.privilegeId);
  out.object = words_of(fault.object != nullptr ? fault.object : fault.obj);
  out.subject = first_of({fault.invalidProperty, fault.name, fault.existingState, fault.file});
  out.detail = text_of(fault.reason);
  for (const auto* message : fault.faultMessage) {
    if (message == nullptr || message->message == nullptr) continue;
    if (!out.detail.empty()) out.detail += ' ';
    out.detail += message->message;
  }
}

bool is_next(struct soap* soap, const char* element) {
  return soap_match_tag(soap, soap->tag, element) == SOAP_OK;
}

// Calls child() at each child of the element that was just begun, then leaves the element. Returns
// false if something failed; soap->error then says what.
template <class Child>
bool for_each_child(struct soap* soap, const char* element, Child child) {
  if (soap->body == 0) return true;
  while (soap_peek_element(soap) == SOAP_OK) {
    if (!child()) return false;
  }
  return soap->error == SOAP_NO_TAG && soap_element_end_in(soap, element) == SOAP_OK;
}

// The first child is the fault, whatever its name. Done by hand, because gSOAP's own wildcard
// members do not consume the element that they match.
bool read_detail(struct soap* soap, SoapFault& out) {
  if (soap_element_begin_in(soap, "detail", 0, nullptr) != SOAP_OK) return false;
  return for_each_child(soap, "detail", [&] {
    if (!out.type.empty()) return soap_ignore_element(soap) == SOAP_OK;
    const std::string element = soap->tag;
    vim25__MethodFault fault;
    if (fault.soap_get(soap, nullptr, nullptr) == nullptr) return false;
    out.type = class_name(fault, element);
    describe(fault, out);
    return true;
  });
}

bool read_fault(struct soap* soap, SoapFault& out) {
  if (soap_element_begin_in(soap, "SOAP-ENV:Fault", 0, nullptr) != SOAP_OK) return false;
  return for_each_child(soap, "SOAP-ENV:Fault", [&] {
    if (is_next(soap, "detail")) return read_detail(soap, out);
    if (!is_next(soap, "faultstring")) return soap_ignore_element(soap) == SOAP_OK;
    char* said = nullptr;
    if (soap_in_string(soap, "faultstring", &said, nullptr) == nullptr) return false;
    out.text = text_of(said);
    return true;
  });
}

const char* what_is_wrong(int code) {
  switch (code) {
    case SOAP_EOF:
    case SOAP_NO_DATA:
      return "ended early";
    case SOAP_TAG_MISMATCH:
    case SOAP_NO_TAG:
    case SOAP_VERSIONMISMATCH:
    case SOAP_MUSTUNDERSTAND:
      return "is not the answer that belongs to the request";
    case SOAP_LEVEL:
      return "is nested too deeply";
    case SOAP_LENGTH:
      return "holds a text that is too long";
    case SOAP_OCCURS:
      return "holds too many elements";
    default:
      return "is not well-formed XML";
  }
}

constexpr std::string_view kNotVimHint =
    "check that the URL is that of a vCenter or ESXi host, and that no proxy answers in its place";

// Document types and entities can make a small message expand without end. Looks for '!', which is
// rare, in place of '<'.
bool holds_declaration(std::string_view text) {
  for (auto at = text.find('!', 1); at != std::string_view::npos; at = text.find('!', at + 1)) {
    const auto rest = text.substr(at + 1);
    if (text[at - 1] == '<' && !rest.starts_with("--") && !rest.starts_with("[CDATA[")) return true;
  }
  return false;
}

constexpr std::int64_t kLargestFigure = std::int64_t{1} << 50;

}  // namespace

Error malformed_answer(std::string_view is) {
  return {
      ErrorCode::kProtocol, "the server's answer " + std::string(is), std::string(kNotVimHint), {}};
}

Status SoapReader::check() const {
  std::string_view start = text_;
  if (start.starts_with(kUtf8Mark)) start.remove_prefix(kUtf8Mark.size());
  start.remove_prefix(std::min(start.find_first_not_of(kBlank), start.size()));
  if (start.empty()) return fail(ErrorCode::kProtocol, "the server's answer is empty");
  if (start.front() != '<' || text_.find('\0') != std::string_view::npos) {
    return fail(malformed_answer("is not XML"));
  }
  if (holds_declaration(text_)) {
    return fail(malformed_answer("holds a document type, which SOAP does not allow"));
  }
  return {};
}

Error SoapReader::malformed() const { return malformed_answer(what_is_wrong(input_.get()->error)); }

Status SoapReader::begin() {
  if (auto fine = check(); !fine) return fine;
  if (soap_begin_recv(input_.get()) != SOAP_OK) return fail(malformed());
  return {};
}

Status SoapReader::end() {
  if (soap_end_recv(input_.get()) != SOAP_OK) return fail(malformed());
  return {};
}

Status SoapReader::open_envelope() {
  if (auto begun = begin(); !begun) return begun;
  auto* soap = input_.get();
  if (soap_envelope_begin_in(soap) != SOAP_OK || soap_recv_header(soap) != SOAP_OK ||
      soap_body_begin_in(soap) != SOAP_OK) {
    return fail(malformed());
  }
  const int peeked = soap_peek_element(soap);
  if (peeked != SOAP_OK && peeked != SOAP_NO_TAG) return fail(malformed());
  if (peeked == SOAP_OK && soap_match_tag(soap, soap->tag, "SOAP-ENV:Fault") == SOAP_OK) {
    return fail(take_fault());
  }
  return {};
}

Status SoapReader::close_envelope() {
  auto* soap = input_.get();
  if (soap_body_end_in(soap) != SOAP_OK || soap_envelope_end_in(soap) != SOAP_OK) {
    return fail(malformed());
  }
  return end();
}

Result<std::string> SoapReader::read_token(const char* element) {
  if (auto opened = open_envelope(); !opened) return fail(std::move(opened.error()));
  auto* soap = input_.get();
  if (soap_element_begin_in(soap, element, 0, nullptr) != SOAP_OK) return fail(malformed());
  if (soap->body == 0) return std::string();
  if (soap_element_begin_in(soap, "vim25:returnval", 0, nullptr) != SOAP_OK) {
    if (soap->error == SOAP_NO_TAG) return std::string();
    return fail(malformed());
  }
  if (soap->body == 0) return std::string();
  const int peeked = soap_peek_element(soap);
  if (peeked == SOAP_NO_TAG) return std::string();
  if (peeked != SOAP_OK) return fail(malformed());
  char* token = nullptr;
  if (is_next(soap, "vim25:token") &&
      soap_in_string(soap, "vim25:token", &token, nullptr) == nullptr) {
    return fail(malformed());
  }
  return text_of(token);
}

Status SoapReader::skip() {
  if (auto opened = open_envelope(); !opened) return opened;
  auto* soap = input_.get();
  while (soap_ignore_element(soap) == SOAP_OK) {
  }
  if (soap->error != SOAP_NO_TAG) return fail(malformed());
  return close_envelope();
}

Error SoapReader::take_fault() {
  SoapFault fault;
  if (!read_fault(input_.get(), fault)) return malformed();
  if (auto closed = close_envelope(); !closed) return closed.error();
  return explain(fault);
}

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::string_view digits = trim(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer_of(const char* text) {
  return text == nullptr ? std::nullopt : integer_of(std::string_view(text));
}

std::optional<std::int64_t> figure_of(std::string_view text) {
  const auto value = integer_of(text);
  return value && *value >= 0 && *value <= kLargestFigure ? value : std::nullopt;
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

}  // namespace ballast::vsphere
