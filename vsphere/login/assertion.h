// SAML 2.0 assertions: the tokens with which users log in to vCenter. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace ballast::vsphere {

struct Assertion {
  Secret xml;           // the element as it was signed, byte for byte
  std::string subject;  // whom it is about, as it came
  std::optional<UtcTime> not_before;
  std::optional<UtcTime> not_on_or_after;
  bool needs_key = false;  // only whoever has the key may use it (holder of key)
};

// Reads an assertion: as XML, as base64 of it with either alphabet (what vCenter's token exchange
// gives), or as base64 of it compressed with gzip (as in an Authorization header of vCenter's REST
// API). Errors: kConfig, which tell what the text is instead, without showing it.
[[nodiscard]] Result<Assertion> read_assertion(const Secret& text);

// Returns why vCenter, by whose clock it is `now`, would refuse the assertion from a client without
// a key of its own. A token that begins in the next ten minutes passes: so far apart may the clocks
// of vCenter and of who made it be. Errors: kConfig.
[[nodiscard]] Status check_assertion(const Assertion& assertion, UtcTime now);

// Returns the assertion that stands in `answer`, whatever is around it; `begin` is the place of its
// element's name. "" if it has no end.
[[nodiscard]] Secret cut_out_assertion(const std::string& answer, std::size_t begin);

}  // namespace ballast::vsphere
