// The answers of RetrievePropertiesEx and ContinueRetrievePropertiesEx: pages of objects with their
// properties, nearly all that a vCenter sends. gSOAP opens the envelope; what is in it is read by
// pugixml, in place: with gSOAP alone a listing took 2.5 times the CPU time, all else included.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

enum class PageKind { kFirst, kNext };  // the answer to Retrieve…, to ContinueRetrieve…

// The token that asks for the page behind this one, "" if there is none, read without the objects.
// A fault comes back as the Error that explains it, an answer to something else as kProtocol.
[[nodiscard]] Result<std::string> next_page_token(std::string_view answer, PageKind kind);

// The page of an answer in which next_page_token() has found `token`. kProtocol if it is not wholly
// well-formed, holds a text that no vCenter sends, or names its next page elsewhere, where it would
// be overlooked; kTooLarge if there is no memory for it.
[[nodiscard]] Result<PropertyPage> read_property_page(std::string answer, std::string_view token);

}  // namespace ballast::vsphere
