// A gSOAP context over memory: no sockets, no HTTP, no attachments, no id/href graphs. Brings in
// the generated code, so only soap_*.cc may include it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "vim25H.h"

namespace ballast::vsphere {

struct SoapDeleter {
  void operator()(struct soap* context) const;
};

// Owns what gSOAP allocates while it lives, decoded objects included. What passed through its
// buffer is overwritten when it goes.
using SoapContext = std::unique_ptr<struct soap, SoapDeleter>;

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
