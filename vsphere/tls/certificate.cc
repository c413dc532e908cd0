#include "vsphere/tls/certificate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <memory>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/text.h"

namespace ballast::vsphere {

namespace {

constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kSha256Bytes = 32;
constexpr std::size_t kMaxNameBytes = 120;
constexpr std::size_t kMaxShownNames = 8;

std::string colon_hex(const unsigned char* bytes, std::size_t count) {
  return fmt::format("{:02X}", fmt::join(bytes, bytes + count, ":"));
}

std::string digest_of(const x509_st& certificate, const EVP_MD* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  if (X509_digest(&certificate, digest, bytes.data(), &count) != 1) return "unknown";
  return colon_hex(bytes.data(), count);
}

std::string text_of(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, string);
  if (length < 0) return "?";
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(
      utf8, [](unsigned char* p) { OPENSSL_free(p); });
  return printable({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length)},
                   kMaxNameBytes);
}

std::string one_line(const X509_NAME* name) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  if (length <= 0) return "(no name)";
  return printable({data, static_cast<std::size_t>(length)}, kMaxNameBytes);
}

std::string name_text(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return one_line(name);
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min);
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  const auto length = static_cast<std::size_t>(ASN1_STRING_length(address));
  boost::asio::ip::address_v4::bytes_type v4{};
  boost::asio::ip::address_v6::bytes_type v6{};
  if (length == v4.size()) {
    std::copy_n(bytes, length, v4.begin());
    return boost::asio::ip::make_address_v4(v4).to_string();
  }
  if (length == v6.size()) {
    std::copy_n(bytes, length, v6.begin());
    return boost::asio::ip::make_address_v6(v6).to_string();
  }
  return "?";
}

std::vector<std::string> alternative_names(const x509_st& certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> found(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) names.push_back(address_text(name->d.iPAddress));
  }
  return names;
}

}  // namespace

Result<std::string> normal_thumbprint(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != ':') digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  std::string colons;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (i > 0) colons += ':';
    colons += digits.substr(i, 2);
  }
  const bool right_size = digits.size() == 2 * kSha1Bytes || digits.size() == 2 * kSha256Bytes;
  const bool hex = std::all_of(digits.begin(), digits.end(),
                               [](unsigned char c) { return std::isxdigit(c) != 0; });
  const bool colons_between_bytes = text.size() == digits.size() || text.size() == colons.size();
  if (right_size && hex && colons_between_bytes) return colons;
  return fail(ErrorCode::kConfig,
              "\"" + printable(text, 100) + "\" is not a certificate thumbprint",
              "give the SHA-256 thumbprint, 64 hexadecimal digits, as the error about an "
              "untrusted certificate shows it");
}

bool is_sha1(const std::string& thumbprint) { return thumbprint.size() < 3 * kSha256Bytes - 1; }

std::string sha256_thumbprint(const x509_st& certificate) {
  return digest_of(certificate, EVP_sha256());
}

std::string sha1_thumbprint(const x509_st& certificate) {
  return digest_of(certificate, EVP_sha1());
}

std::string subject_of(const x509_st& certificate) {
  return name_text(X509_get_subject_name(&certificate));
}

std::string issuer_of(const x509_st& certificate) {
  return name_text(X509_get_issuer_name(&certificate));
}

std::string valid_from(const x509_st& certificate) {
  return time_text(X509_get0_notBefore(&certificate));
}

std::string valid_until(const x509_st& certificate) {
  return time_text(X509_get0_notAfter(&certificate));
}

std::string names_of(const x509_st& certificate) {
  auto names = alternative_names(certificate);
  if (names.empty()) return subject_of(certificate);
  const std::size_t total = names.size();
  names.resize(std::min(total, kMaxShownNames));
  std::string out = fmt::format("{}", fmt::join(names, ", "));
  if (total > kMaxShownNames) out += fmt::format(" and {} more", total - kMaxShownNames);
  return out;
}

}  // namespace ballast::vsphere
