#include "vsphere/login/assertion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <zlib.h>

namespace ballast::vsphere {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
constexpr std::string_view kHolderOfKey = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key";

std::string assertion(std::string_view method = kBearer) {
  return "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" "
         "Version=\"2.0\"><saml2:Issuer a='\"'>x  y</saml2:Issuer><saml2:Subject><saml2:NameID>"
         "u&amp;v@LAB</saml2:NameID><saml2:SubjectConfirmation Method=\"" +
         std::string(method) +
         "\"></saml2:SubjectConfirmation></saml2:Subject>\n<saml2:Conditions "
         "NotBefore=\"2026-11-28T05:00:00.123Z\" NotOnOrAfter=\"2026-11-28T05:05:00.123Z\"/>"
         "</saml2:Assertion>";
}

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string gzip(std::string bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<Assertion> read(const std::string& text) { return read_assertion(Secret(text)); }

TEST(Assertion, IsReadInEveryFormAndKeptByteForByte) {
  std::string other_alphabet = base64(assertion() + "   ");
  while (other_alphabet.ends_with('=')) other_alphabet.pop_back();
  for (char& c : other_alphabet) c = c == '+' ? '-' : c == '/' ? '_' : c;
  std::string in_lines = base64(assertion());
  for (std::size_t i = 76; i < in_lines.size(); i += 77) in_lines.insert(i, "\n");
  for (const auto& text : {assertion(), "\n  " + assertion() + "\r\n", "\xEF\xBB\xBF" + assertion(),
                           "<?xml version=\"1.0\"?>\n" + assertion(), base64(assertion()),
                           other_alphabet, in_lines, base64(gzip(assertion()))}) {
    const auto token = read(text);
    ASSERT_TRUE(token) << text << ": " << token.error().sentence();
    EXPECT_EQ(token->xml.reveal(), assertion()) << text;
    EXPECT_EQ(token->subject, "u&v@LAB");
    EXPECT_EQ(token->not_before, *parse_iso8601("2026-11-28T05:00:00.123Z"));
    EXPECT_EQ(token->not_on_or_after, *parse_iso8601("2026-11-28T05:05:00.123Z"));
    EXPECT_FALSE(token->needs_key);
  }
}

TEST(Assertion, SaysWhatATextIsInstead) {
  struct Row {
    std::string text;
    const char* words;
  };
  const Row rows[] = {
      {"", "neither XML nor base64"},
      {"hello world, s3cret", "neither XML nor base64"},
      {base64("s3cret"), "neither XML nor base64"},
      {base64("\x1f\x8b s3cret"), "neither XML nor base64"},
      {base64(gzip(std::string(2 * 1024 * 1024, '<'))), "neither XML nor base64"},
      {"eyJhbGciOiJub25lIn0.s3cret.", "is a JSON Web Token"},
      {"{\"access_token\": \"s3cret\"}", "neither XML nor base64"},
      {"<s3cret>", "not well-formed XML"},
      {"<?xml s3cret", "neither XML nor base64"},
      {assertion().substr(0, 200), "not well-formed XML"},
      {"<!DOCTYPE a [<!ENTITY b \"s3cret\">]>" + assertion(), "not well-formed XML"},
      {"<html>s3cret</html>", "no SAML assertion"},
      {assertion() + assertion(), "no SAML assertion"},
      {assertion() + "s3cret", "no SAML assertion"},
      {"<a:Assertion xmlns:a=\"x\" MajorVersion=\"1\"/>", "is not of SAML 2.0"},
  };
  for (const auto& row : rows) {
    const auto token = read(row.text);
    ASSERT_FALSE(token) << row.text;
    EXPECT_EQ(token.error().code, ErrorCode::kConfig);
    EXPECT_THAT(token.error().sentence(), HasSubstr(row.words)) << row.text;
    EXPECT_THAT(token.error().sentence(), Not(HasSubstr("s3cret"))) << row.text;
  }
}

std::string problem(const Assertion& token, const char* now) {
  const auto sound = check_assertion(token, *parse_iso8601(now));
  return sound ? "" : sound.error().sentence();
}

TEST(Assertion, IsGoodInItsTimeAndWithoutAKey) {
  const auto token = *read(assertion());
  EXPECT_EQ(problem(token, "2026-11-28T05:05:00Z"), "");
  EXPECT_THAT(problem(token, "2026-11-28T05:08:00.123Z"),
              HasSubstr("expired at 2026-11-28T05:05:00Z, 3 min 00 s ago"));
  EXPECT_EQ(problem(token, "2026-11-28T04:51:00Z"), "") << "clocks may differ by ten minutes";
  EXPECT_THAT(problem(token, "2026-11-28T04:49:00Z"),
              HasSubstr("good from 2026-11-28T05:00:00Z on, and vCenter's clock says "
                        "2026-11-28T04:49:00Z"));
  const auto bound = *read(assertion(kHolderOfKey));
  EXPECT_TRUE(bound.needs_key);
  EXPECT_THAT(problem(bound, "2026-11-28T05:01:00Z"), HasSubstr("holder of key"));
  EXPECT_EQ(problem(Assertion{}, "2026-11-28T05:01:00Z"), "") << "no times: vCenter will know";
}

TEST(Assertion, IsCutOutOfAnAnswer) {
  const std::string answer = "<a><b>" + assertion() + "</b></a>";
  EXPECT_EQ(cut_out_assertion(answer, answer.find("saml2:Assertion")).reveal(), assertion());
  EXPECT_TRUE(cut_out_assertion("<a", 1).empty());
  EXPECT_TRUE(cut_out_assertion("<a ></b>", 1).empty());
  EXPECT_TRUE(cut_out_assertion("<a ></a", 1).empty());
  EXPECT_TRUE(cut_out_assertion("", 0).empty());
}

}  // namespace
}  // namespace ballast::vsphere
