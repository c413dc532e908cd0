// Private to vsphere/, because it brings in the generated code: gSOAP over memory, without sockets,
// HTTP, attachments and id/href graphs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "vim25H.h"

namespace ballast::vsphere {

enum class SoapDirection { kInput, kOutput };

// Borrows the thread's gSOAP context for one message. A context takes well over 100 KiB: making one
// for each message of some hundred bytes would mostly write zeros. The destructor frees everything
// that gSOAP allocated, decoded objects included, and overwrites what passed through its buffer. A
// context in which something failed is not used again.
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
  // Takes note that this many bytes were in the buffer.
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

// Collects what is written. When the text outgrows its memory, the old memory is overwritten before
// it is freed.
class SoapOutput {
 public:
  SoapOutput();
  ~SoapOutput();
  SoapOutput(const SoapOutput&) = delete;
  SoapOutput& operator=(const SoapOutput&) = delete;
  [[nodiscard]] struct soap* get() const { return context_.get(); }
  // Returns what was written.
  [[nodiscard]] Secret take();

 private:
  static int send(struct soap* context, const char* data, std::size_t size);
  void append(const char* data, std::size_t size);

  std::string text_;
  SoapContext context_;
};

}  // namespace ballast::vsphere
