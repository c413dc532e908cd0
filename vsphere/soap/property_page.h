// Reads the answers of RetrievePropertiesEx and ContinueRetrievePropertiesEx: pages of objects with
// their properties, which are nearly all that a vCenter sends. gSOAP opens the envelope; pugixml
// reads what is in it, in place. With gSOAP alone, a whole listing took 2.5 times the CPU time.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

enum class PageKind {
  kFirst,  // the answer to RetrievePropertiesEx
  kNext,   // the answer to ContinueRetrievePropertiesEx
};

// Returns the token that asks for the page after this one, "" if there is none. The objects are not
// read, so that the next page can be asked for first. Errors: the one that explains a fault;
// kProtocol for an answer to something else.
[[nodiscard]] Result<std::string> next_page_token(std::string_view answer, PageKind kind);

// Reads the whole page of an answer in which next_page_token() has found `token`. Errors: kProtocol
// if it is not well-formed, holds a longer text than vCenter sends, or names another next page than
// `token`, which would then be overlooked; kTooLarge if there is no memory for it.
[[nodiscard]] Result<PropertyPage> read_property_page(std::string answer, std::string_view token);

}  // namespace ballast::vsphere
