#include "vsphere/login/assertion.h"

#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "base/text.h"
#include "vsphere/login/xml.h"

namespace ballast::vsphere {

namespace {

using pugi::xml_node;

constexpr std::size_t kMaxAssertionBytes = 1024 * 1024;
constexpr std::chrono::minutes kClockTolerance{10};  // vCenter's own
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kHolderOfKey = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key";
constexpr const char* kWhatItIs =
    "it has to be a SAML 2.0 assertion of vCenter's own single sign-on: as XML, or base64 of it";

tl::unexpected<Error> not_a_token(std::string_view why, std::string_view hint = kWhatItIs) {
  return fail(ErrorCode::kConfig, "the token " + std::string(why), std::string(hint));
}

// Base64 with one alphabet, without blanks, and filled up to whole groups of four.
std::string plain_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 3);
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    out += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  while (out.size() % 4 != 0) out += '=';
  return out;
}

// "" if it is no base64.
std::string decoded_base64(std::string_view text) {
  std::string groups = plain_base64(text);
  std::string out(groups.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(groups.data()),
                                   static_cast<int>(groups.size()));
  const auto filled = groups.size() - (groups.find_last_not_of('=') + 1);
  wipe(groups);
  if (size < 0 || filled > 2) {
    wipe(out);
    return {};
  }
  out.resize(static_cast<std::size_t>(size) - filled);
  return out;
}

bool is_compressed(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

// "" if the bytes cannot be read, or are of more than any assertion.
std::string inflated(std::string bytes) {
  constexpr int kGzipOnly = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return {};
  std::string out(kMaxAssertionBytes, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  const std::size_t size = stream.total_out;
  inflateEnd(&stream);
  wipe(bytes);
  if (!is_whole) {
    wipe(out);
    return {};
  }
  out.resize(size);
  return out;
}

// Returns the XML in the token, without blanks around it and without an XML declaration.
Result<Secret> xml_of(const Secret& token) {
  std::string_view text = trim(token.reveal());
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::string xml(text);
  if (!xml.starts_with('<')) {
    if (text.starts_with("eyJ")) {
      return not_a_token("is a JSON Web Token, as identity providers give it",
                         "exchange it for a SAML token at vCenter, POST "
                         "/api/vcenter/authentication/token: docs/CONFIGURATION.md");
    }
    wipe(xml);
    xml = decoded_base64(text);
    if (is_compressed(xml)) xml = inflated(std::move(xml));
  }
  Secret whole(std::move(xml));
  text = trim(whole.reveal());
  if (text.starts_with("<?xml ")) {
    const auto end = text.find("?>");
    text = end == std::string_view::npos ? "" : trim(text.substr(end + 2));
  }
  if (!text.starts_with('<')) return not_a_token("is neither XML nor base64 of it");
  return Secret(std::string(text));
}

std::optional<UtcTime> time_in(const xml_node& node, const char* attribute) {
  const auto time = parse_iso8601(node.attribute(attribute).value());
  return time ? std::optional(*time) : std::nullopt;
}

std::string span_of(UtcTime from, UtcTime to) {
  return fmt::format("{}, {} ago", format_iso8601(from), format_duration(to - from));
}

}  // namespace

Result<Assertion> read_assertion(const Secret& text) {
  auto xml = xml_of(text);
  if (!xml) return fail(std::move(xml.error()));
  const SecretDocument document(xml->reveal());
  if (!document.is_sound() || xml->reveal().find("<!DOCTYPE") != std::string::npos) {
    return not_a_token("is not well-formed XML");
  }
  const auto element = document.root().first_child();
  // It becomes a part of a larger document, so nothing else may stand beside it.
  if (local_name(element) != "Assertion" || element != document.root().last_child()) {
    return not_a_token("is XML, but no SAML assertion");
  }
  if (std::string_view(element.attribute("Version").value()) != "2.0") {
    return not_a_token("is not of SAML 2.0");
  }
  Assertion out;
  const auto subject = find_element(element, "Subject");
  out.subject = trim(find_element(subject, "NameID").child_value());
  const auto confirmation = find_element(subject, "SubjectConfirmation");
  out.needs_key = confirmation.attribute("Method").value() == kHolderOfKey;
  const auto conditions = find_element(element, "Conditions");
  out.not_before = time_in(conditions, "NotBefore");
  out.not_on_or_after = time_in(conditions, "NotOnOrAfter");
  out.xml = std::move(*xml);
  return out;
}

Status check_assertion(const Assertion& assertion, UtcTime now) {
  if (assertion.needs_key) {
    return not_a_token("is bound to a key (holder of key)",
                       "ask for a bearer token: ballast cannot sign with a key");
  }
  if (assertion.not_on_or_after && *assertion.not_on_or_after <= now) {
    return not_a_token("expired at " + span_of(*assertion.not_on_or_after, now),
                       "make a new one; those of vCenter live for some minutes only, so a command "
                       "that makes one is better than a file");
  }
  if (assertion.not_before && *assertion.not_before > now + kClockTolerance) {
    return not_a_token(
        fmt::format("is good from {} on, and vCenter's clock says {}",
                    format_iso8601(*assertion.not_before), format_iso8601(now)),
        "let vCenter and the server that made the token follow the same NTP servers");
  }
  return {};
}

Secret cut_out_assertion(const std::string& answer, std::size_t begin) {
  const auto name_end = answer.find_first_of(" \t\r\n/>", begin);
  if (begin == 0 || name_end == std::string::npos) return {};
  const std::string closing = "</" + answer.substr(begin, name_end - begin);
  const auto last = answer.rfind(closing);
  if (last == std::string::npos || last < begin) return {};
  const auto end = answer.find('>', last);
  if (end == std::string::npos) return {};
  return Secret(answer.substr(begin - 1, end - begin + 2));
}

}  // namespace ballast::vsphere
