// Takes one envelope apart. For soap_*.cc only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vim25H.h"
#include "vsphere/soap/context.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// An answer that `is` wrong: "is not well-formed XML".
[[nodiscard]] Error malformed_answer(std::string_view is);

// One answer of the server, to be read once. Document types, entities of the sender's own and zero
// bytes are refused before gSOAP sees the text. Pointers in what was read live as long as this.
class SoapReader {
 public:
  explicit SoapReader(std::string_view text) : text_(text), input_(text) {}

  // The content of Body, which must be `element` ("vim25:LoginResponse"). A Fault there comes back
  // as the Error that explains it; text that is not such an envelope as kProtocol.
  template <class Body>
  Status read(const char* element, Body& body) {
    if (auto opened = open_envelope(); !opened) return opened;
    if (body.soap_get(input_.get(), element, nullptr) == nullptr) return fail(malformed());
    return close_envelope();
  }

  // The token of a page of properties, whose answer must be `element`: its beginning is enough for
  // that. "" if there is none.
  Result<std::string> read_token(const char* element);

  // For answers whose content does not matter.
  Status skip();

  // A document without an envelope.
  template <class Root>
  Status read_document(const char* element, Root& root) {
    if (auto begun = begin(); !begun) return begun;
    if (root.soap_get(input_.get(), element, nullptr) == nullptr) return fail(malformed());
    return end();
  }

 private:
  [[nodiscard]] Status check() const;
  Status begin();
  Status end();
  Status open_envelope();
  Status close_envelope();
  [[nodiscard]] Error malformed() const;
  [[nodiscard]] Error take_fault();

  std::string_view text_;
  SoapInput input_;
};

// Single values of gSOAP's classes as plain ones. For soap_*.cc only.

// "" for null.
[[nodiscard]] std::string text_of(const char* text);
// nullopt for what is not wholly a number of 64 bits, blanks around it aside; the second also for
// null.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> integer_of(const char* text);
// A number from 0 to 2^50, which is more than any machine has, in KB or MB: keeps a later change of
// units from overflowing.
[[nodiscard]] std::optional<std::int64_t> figure_of(std::string_view text);
// "true", "1", "false", "0"; nullopt for anything else.
[[nodiscard]] std::optional<bool> boolean_of(const char* text);
// Both parts empty for null.
[[nodiscard]] ManagedObject object_of(const vim25__ManagedObjectReference* object);

}  // namespace ballast::vsphere
