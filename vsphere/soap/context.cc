#include "vsphere/soap/context.h"

#include <string.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "vim25.nsmap"

namespace ballast::vsphere {

namespace {

// vim25 messages nest about a dozen levels; gSOAP recurses once a level.
constexpr unsigned kMaxDepth = 64;
// Of one text or attribute. Annotations and fault messages stay far below.
constexpr LONG64 kMaxReplyTextBytes = 256 * 1024;
constexpr std::size_t kFirstBufferBytes = 4096;

// gSOAP keeps every attribute name of a message, and the prefixes in scope, in lists that it walks
// at each element. An honest message has a handful.
constexpr std::size_t kMaxListed = 1000;

template <class Node>
bool is_bounded(const Node* list) {
  std::size_t count = 0;
  for (; list != nullptr && count <= kMaxListed; list = list->next) ++count;
  return count <= kMaxListed;
}

struct Freed {
  void operator()(struct soap* context) const {
    soap_destroy(context);
    soap_end(context);
    soap_free(context);
  }
};
using Owned = std::unique_ptr<struct soap, Freed>;

// The context that waits for this thread's next message; null while it is lent.
Owned& spare_context(SoapDirection direction) {
  thread_local Owned input;
  thread_local Owned output;
  return direction == SoapDirection::kInput ? input : output;
}

Owned new_context(SoapDirection direction) {
  constexpr soap_mode kReading = SOAP_C_UTFSTRING | SOAP_XML_TREE | SOAP_ENC_PLAIN;
  constexpr soap_mode kWriting =
      SOAP_C_UTFSTRING | SOAP_XML_TREE | SOAP_XML_DEFAULTNS | SOAP_ENC_PLAIN;
  Owned context(direction == SoapDirection::kInput ? soap_new2(kReading, SOAP_C_UTFSTRING)
                                                   : soap_new2(SOAP_C_UTFSTRING, kWriting));
  if (!context) throw std::bad_alloc();
  context->maxlevel = kMaxDepth;
  context->maxlength = kMaxReplyTextBytes;
  return context;
}

}  // namespace

SoapContext::SoapContext(SoapDirection direction) : direction_(direction) {
  auto& spare = spare_context(direction);
  context_ = (spare ? std::move(spare) : new_context(direction)).release();
}

SoapContext::~SoapContext() {
  Owned context(context_);
  const bool is_sound = context->error == SOAP_OK;
  soap_destroy(context_);
  soap_end(context_);
  explicit_bzero(context->buf, std::min(passed_, sizeof context->buf));
  if (is_sound) spare_context(direction_) = std::move(context);
}

SoapInput::SoapInput(std::string_view text) : rest_(text), context_(SoapDirection::kInput) {
  context_->user = this;
  context_->frecv = receive;
  context_.note_passed(text.size());
}

std::size_t SoapInput::receive(struct soap* context, char* buffer, std::size_t size) {
  if (!is_bounded(context->attributes) || !is_bounded(context->nlist)) return 0;
  auto& rest = static_cast<SoapInput*>(context->user)->rest_;
  const std::size_t count = std::min(size, rest.size());
  std::copy_n(rest.data(), count, buffer);
  rest.remove_prefix(count);
  return count;
}

SoapOutput::SoapOutput() : context_(SoapDirection::kOutput) {
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
  context_.note_passed(size);
  if (text_.capacity() - text_.size() < size) {
    std::string larger;
    larger.reserve(2 * text_.capacity() + size);
    larger = text_;
    text_.swap(larger);
    wipe(larger);
  }
  text_.append(data, size);
}

// A copy has no spare room: a request is kept in memory until its answer is there.
Secret SoapOutput::take() { return Secret(std::string(text_)); }

}  // namespace ballast::vsphere
