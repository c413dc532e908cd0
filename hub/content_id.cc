#include "hub/content_id.h"

#include <array>

#include <openssl/evp.h>

namespace ballast::hub {
namespace {

// Known by its instance UUID where there is one.
std::int64_t id_of(std::string_view kind, std::int64_t vcenter, std::string_view uuid,
                   std::string_view else_by) {
  ContentId id(kind);
  id.add(vcenter);
  id.add(uuid);
  if (uuid.empty()) id.add(else_by);
  return id.value();
}

}  // namespace

void ContentId::add(std::string_view text) {
  content_ += 't';
  add_number(text.size());
  content_ += text;
}

void ContentId::add(std::int64_t number) {
  content_ += 'n';
  add_number(static_cast<std::uint64_t>(number));
}

void ContentId::add_null() { content_ += '-'; }

void ContentId::add_number(std::uint64_t number) {
  for (unsigned shift = 64; shift > 0;) {
    shift -= 8;
    content_ += static_cast<char>(number >> shift & 0xffU);
  }
}

std::int64_t ContentId::value() const {
  // Looked up once: by EVP_sha256() OpenSSL would look it up for every digest.
  static EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(content_.data(), content_.size(), digest.data(), nullptr, kSha256, nullptr);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < sizeof(id); ++i) id = id << 8U | digest[i];
  id >>= 1U;
  return id == 0 ? 1 : static_cast<std::int64_t>(id);
}

std::int64_t vcenter_id(std::string_view instance_uuid, std::string_view url) {
  constexpr std::int64_t kNoVcenter = 0;
  return id_of("vcenter", kNoVcenter, instance_uuid, url);
}

std::int64_t host_id(std::int64_t vcenter, std::string_view moref) {
  return id_of("host", vcenter, {}, moref);
}

std::int64_t pool_id(std::int64_t vcenter, std::string_view moref) {
  return id_of("pool", vcenter, {}, moref);
}

std::int64_t vm_id(std::int64_t vcenter, std::string_view instance_uuid, std::string_view moref) {
  return id_of("vm", vcenter, instance_uuid, moref);
}

}  // namespace ballast::hub
