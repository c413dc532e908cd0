#include "vsphere/soap_context.h"

#include <string.h>

#include <algorithm>
#include <new>
#include <utility>

#include "vim25.nsmap"

namespace ballast::vsphere {

namespace {

// vim25 messages nest about a dozen levels; gSOAP recurses once a level.
constexpr unsigned kMaxDepth = 64;
// Of one text or attribute. Annotations and fault messages stay far below.
constexpr LONG64 kMaxTextBytes = 256 * 1024;
constexpr std::size_t kFirstBufferBytes = 4096;

// gSOAP keeps every attribute name of a message, and the prefixes in scope, in lists that it walks
// at each element. An honest message has a handful.
constexpr std::size_t kMaxNames = 1000;

template <class Node>
bool is_bounded(const Node* list) {
  std::size_t count = 0;
  for (; list != nullptr && count <= kMaxNames; list = list->next) ++count;
  return count <= kMaxNames;
}

SoapContext make_context(soap_mode input, soap_mode output) {
  SoapContext context(soap_new2(input, output));
  if (!context) throw std::bad_alloc();
  context->maxlevel = kMaxDepth;
  context->maxlength = kMaxTextBytes;
  return context;
}

}  // namespace

void SoapDeleter::operator()(struct soap* context) const {
  soap_destroy(context);
  soap_end(context);
  explicit_bzero(context->buf, sizeof context->buf);
  soap_free(context);
}

SoapInput::SoapInput(std::string_view text)
    : rest_(text),
      context_(make_context(SOAP_C_UTFSTRING | SOAP_XML_TREE | SOAP_ENC_PLAIN, SOAP_C_UTFSTRING)) {
  context_->user = this;
  context_->frecv = receive;
}

std::size_t SoapInput::receive(struct soap* context, char* buffer, std::size_t size) {
  if (!is_bounded(context->attributes) || !is_bounded(context->nlist)) return 0;
  auto& rest = static_cast<SoapInput*>(context->user)->rest_;
  const std::size_t count = std::min(size, rest.size());
  std::copy_n(rest.data(), count, buffer);
  rest.remove_prefix(count);
  return count;
}

SoapOutput::SoapOutput()
    : context_(make_context(SOAP_C_UTFSTRING, SOAP_C_UTFSTRING | SOAP_XML_TREE |
                                                  SOAP_XML_DEFAULTNS | SOAP_ENC_PLAIN)) {
  context_->user = this;
  context_->fsend = send;
  text_.reserve(kFirstBufferBytes);
}

SoapOutput::~SoapOutput() { wipe(text_); }

int SoapOutput::send(struct soap* context, const char* data, std::size_t size) {
  static_cast<SoapOutput*>(context->user)->append(data, size);
  return SOAP_OK;
}

void SoapOutput::append(const char* data, std::size_t size) {
  if (text_.capacity() - text_.size() < size) {
    std::string larger;
    larger.reserve(2 * text_.capacity() + size);
    larger = text_;
    text_.swap(larger);
    wipe(larger);
  }
  text_.append(data, size);
}

Secret SoapOutput::take() { return Secret(std::exchange(text_, {})); }

}  // namespace ballast::vsphere
