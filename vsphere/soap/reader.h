// Private to vsphere/, because it brings in the generated code: takes one envelope apart, and reads
// gSOAP's texts as numbers, truth values and references.
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

// Returns the error for a wrong answer; `is` says in what way ("is not well-formed XML").
[[nodiscard]] Error malformed_answer(std::string_view is);

// Reads one answer of the server, once. Document types, entities defined by the sender and zero
// bytes are refused before gSOAP sees the text. Pointers in what was read live as long as the
// reader.
class SoapReader {
 public:
  // `text` must outlive the reader.
  explicit SoapReader(std::string_view text) : text_(text), input_(text) {}

  // Reads the content of Body, which must be `element` ("vim25:LoginResponse"), into `body`.
  // Errors: the one that explains a Fault found there; kProtocol for text that is not such an
  // envelope.
  template <class Body>
  Status read(const char* element, Body& body) {
    if (auto opened = open_envelope(); !opened) return opened;
    if (body.soap_get(input_.get(), element, nullptr) == nullptr) return fail(malformed());
    return close_envelope();
  }

  // Returns the token of a page of properties, "" if it has none. Only the beginning of the answer,
  // which must be `element`, is read.
  Result<std::string> read_token(const char* element);

  // Reads an answer whose content does not matter. Errors as read().
  Status skip();

  // Reads a document that has no envelope.
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

// Returns "" for null.
[[nodiscard]] std::string text_of(const char* text);
// Return nullopt unless the whole text, except blanks around it, is a number of 64 bits; also for
// null.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> integer_of(const char* text);
// Returns a number from 0 to 2^50, nullopt for anything else. No machine has more KB or MB than
// that, and a later change of units cannot overflow.
[[nodiscard]] std::optional<std::int64_t> figure_of(std::string_view text);
// Reads "true", "1", "false" and "0"; returns nullopt for anything else.
[[nodiscard]] std::optional<bool> boolean_of(const char* text);
// Returns a reference with both parts empty for null.
[[nodiscard]] ManagedObject object_of(const vim25__ManagedObjectReference* object);

}  // namespace ballast::vsphere
