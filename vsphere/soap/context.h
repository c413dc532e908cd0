// A gSOAP context over memory: no sockets, no HTTP, no attachments, no id/href graphs. Brings in
// the generated code, so only soap_*.cc may include it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "vim25H.h"

namespace ballast::vsphere {

enum class SoapDirection { kInput, kOutput };

// Borrows a context of this thread for one message: one has well over 100 KiB, which would have to
// be set to zero for each message of some hundred bytes. At the end what gSOAP allocated goes,
// decoded objects included, and what passed through its buffer is overwritten; a context in which
// something failed is not used again.
class SoapContext {
 public:
  explicit SoapContext(SoapDirection direction);
  ~SoapContext();
  SoapContext(const SoapContext&) = delete;
  SoapContext& operator=(const SoapContext&) = delete;
  [[nodiscard]] struct soap* get() const { return context_; }
  struct soap* operator->() const {
    return context_;
  }
  // So many bytes may have been in the buffer.
  void note_passed(std::size_t bytes) { passed_ += bytes; }

 private:
  SoapDirection direction_;
  std::size_t passed_ = 0;
  struct soap* context_;
};

// Reads `text` (which must outlive the context).
class SoapInput {
 public:
  explicit SoapInput(std::string_view text);
  SoapInput(const SoapInput&) = delete;
  SoapInput& operator=(const SoapInput&) = delete;
  [[nodiscard]] struct soap* get() const { return context_.get(); }

 private:
  static std::size_t receive(struct soap* context, char* buffer, std::size_t size);

  std::string_view rest_;
  SoapContext context_;
};

// Collects what is written; a buffer that it outgrew is overwritten, not just freed.
class SoapOutput {
 public:
  SoapOutput();
  ~SoapOutput();
  SoapOutput(const SoapOutput&) = delete;
  SoapOutput& operator=(const SoapOutput&) = delete;
  [[nodiscard]] struct soap* get() const { return context_.get(); }
  [[nodiscard]] Secret take();

 private:
  static int send(struct soap* context, const char* data, std::size_t size);
  void append(const char* data, std::size_t size);

  std::string text_;
  SoapContext context_;
};

}  // namespace ballast::vsphere
