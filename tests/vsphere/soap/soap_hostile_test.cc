// Hostile and broken answers end in an error: no crash, no hang, no half-decoded success.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/soap/soap_samples.h"
#include "vsphere/soap/decode.h"

namespace ballast::vsphere::test {
namespace {

using testing::HasSubstr;

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

ErrorCode code_of(const std::string& answer) {
  const auto decoded = decode_properties(answer);
  if (decoded) throw std::runtime_error("decoded as a success");
  return decoded.error().code;
}

class Truncated : public testing::TestWithParam<const char*> {};

TEST_P(Truncated, IsAnErrorAtEveryByte) {
  const std::string whole = sample(GetParam());
  const std::size_t end = whole.find_last_of('>');
  for (std::size_t size = 0; size <= end; ++size) {
    const auto decoded = decode_properties(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(decoded) << "after " << size << " bytes";
    ASSERT_EQ(decoded.error().code, ErrorCode::kProtocol) << "after " << size << " bytes";
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, Truncated,
                         testing::Values("vcenter_vms.xml", "simulator_vms.xml",
                                         "other_prefixes.xml", "fault_no_permission.xml",
                                         "fault_guest_operations_unavailable.xml"));

TEST(Mangled, OneByteChangedNeverCrashes) {
  const std::string whole = sample("vcenter_vms.xml");
  const std::string put = "<>&\"\x01\xFF /";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = put[at % put.size()];
    const auto decoded = decode_properties(changed);
    if (!decoded) {
      ASSERT_FALSE(decoded.error().message.empty());
    }
  }
}

TEST(Hostile, DocumentTypesAndEntitiesAreRefused) {
  const std::string bomb =
      "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
      "\"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>" +
      one_vm(property("name", "xsd:string", "&c;")).substr(39);
  EXPECT_EQ(code_of(bomb), ErrorCode::kProtocol);
  EXPECT_EQ(code_of("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">" + one_vm("").substr(39)),
            ErrorCode::kProtocol);
}

TEST(Hostile, DeepNestingEndsInAnErrorOrIsSkipped) {
  const std::size_t depth = 100'000;
  const std::string nested = repeat("<a>", depth) + repeat("</a>", depth);
  EXPECT_EQ(code_of(repeat("<a>", depth)), ErrorCode::kProtocol);
  EXPECT_EQ(code_of(one_vm(repeat("<propSet><val>", depth))), ErrorCode::kProtocol);
  for (const auto& skipped : {nested, property("name", "TypeOfTomorrow", nested),
                              property("name", "xsd:string", nested)}) {
    const auto decoded = decode_properties(one_vm(skipped + property("x", "xsd:int", "7")));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->objects.at(0).properties.back().name, "x") << "what follows is lost";
  }
}

TEST(Hostile, HugeTextsAreRefusedAndHugeNamesSkipped) {
  const std::string huge(1'000'000, 'x');
  EXPECT_EQ(code_of("<" + huge), ErrorCode::kProtocol);
  EXPECT_EQ(code_of(one_vm(property("name", "xsd:string", huge))), ErrorCode::kProtocol);
  EXPECT_EQ(code_of(one_vm("<propSet><name>" + huge + "</name></propSet>")), ErrorCode::kProtocol);
  EXPECT_EQ(code_of(one_vm("<propSet><name>runtime.host</name><val "
                           "xsi:type=\"ManagedObjectReference\" type=\"" +
                           huge + "\">host-1</val></propSet>")),
            ErrorCode::kProtocol);
  for (const auto& skipped : {"<" + huge + "/>", "<a " + huge + "=\"1\"/>",
                              "<a b=\"" + huge + "\"/>", property("y", huge, "1")}) {
    const auto decoded = decode_properties(one_vm(skipped + property("x", "xsd:int", "7")));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->objects.at(0).properties.back().name, "x") << "what follows is lost";
  }
}

// gSOAP walks lists of names at each element, and a type's prefix is looked for in all that is
// above it: without a bound this takes minutes.
TEST(Hostile, EndlesslyManyNamesAreRefusedOrSkipped) {
  std::string attributes;
  std::string elements;
  std::string prefixes;
  for (int i = 0; i < 200'000; ++i) {
    const auto number = std::to_string(i);
    attributes += " a" + number + "=\"1\"";
    elements += "<b a" + number + "=\"1\"/>";
    prefixes += " xmlns:n" + number + "=\"urn:x\"";
  }
  const std::string types = repeat(property("x", "a:b", "1"), 1000);
  for (const auto& names : {"<b" + attributes + "/>", elements, "<b" + prefixes + "><c/></b>",
                            "</objects><objects" + prefixes + ">" + types}) {
    const auto page = decode_properties(one_vm(names));
    ASSERT_TRUE(page) << page.error().message;
    const auto process =
        decode_list_processes(envelope("<ListProcessesInGuestResponse xmlns=\"urn:vim25\">" +
                                       names + "</ListProcessesInGuestResponse>"));
    EXPECT_FALSE(process);
  }
}

TEST(Hostile, ReferencesBetweenElementsAreNotFollowed) {
  const std::string graph =
      "<propSet id=\"a\"><name>name</name><val href=\"#b\"/></propSet>"
      "<propSet href=\"#a\"/><propSet><name>x</name><val id=\"b\" "
      "xsi:type=\"VirtualMachineQuickStats\"><balloonedMemory>1</balloonedMemory></val></propSet>";
  const auto decoded = decode_properties(one_vm(graph));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_TRUE(
      std::holds_alternative<std::monostate>(decoded->objects.at(0).properties.at(0).value));
}

TEST(Hostile, WrongTypesInPlaceOfExpectedOnes) {
  for (const char* type :
       {"RetrieveResult", "ObjectContent", "MethodFault", "xsd:anyType", "ManagedObjectReference",
        "VirtualMachineQuickStats", ":", "a:b:c", ""}) {
    const std::string with_type = "<obj xsi:type=\"" + std::string(type) + "\" type=\"X\">y</obj>" +
                                  property("name", type, "<token>1</token>text");
    const auto decoded = decode_properties(one_vm(with_type));
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, ErrorCode::kProtocol) << type;
    }
  }
}

TEST(Hostile, NilAndRepeatedElements) {
  const auto decoded = decode_properties(
      one_vm("<obj xsi:nil=\"true\"/><propSet xsi:nil=\"true\"/><propSet/><missingSet/>"
             "<propSet><name>a</name><name>b</name><val xsi:nil=\"1\"/><val/></propSet>"));
  if (!decoded) {
    EXPECT_EQ(decoded.error().code, ErrorCode::kProtocol);
  }
}

TEST(Hostile, ReferencesInACircleEnd) {
  for (const char* circle : {"<propSet id=\"a\" href=\"#a\"/>",
                             "<propSet id=\"a\"><name>x</name><val href=\"#b\"/></propSet><propSet "
                             "id=\"b\" href=\"#a\"/>",
                             "<obj id=\"1\" href=\"#2\"/><obj id=\"2\" href=\"#1\"/>"}) {
    const auto decoded = decode_properties(one_vm(circle));
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, ErrorCode::kProtocol) << circle;
    }
  }
}

TEST(Hostile, SizesOfArraysAreNotBelieved) {
  for (const char* size :
       {"2147483647", "-1", "9223372036854775807", "4294967296,4294967296", ""}) {
    const auto decoded = decode_properties(
        envelope("<RetrievePropertiesExResponse xmlns=\"urn:vim25\" "
                 "xmlns:e=\"http://schemas.xmlsoap.org/soap/encoding/\"><returnval><objects "
                 "e:arrayType=\"xsd:string[" +
                 std::string(size) + "]\" e:offset=\"[" + size +
                 "]\"><obj type=\"VirtualMachine\">vm-1</obj></objects></returnval>"
                 "</RetrievePropertiesExResponse>"));
    if (decoded) {
      EXPECT_EQ(decoded->objects.size(), 1u) << size;
    }
  }
}

TEST(Hostile, EntitiesThatNobodyDeclaredAreNoText) {
  for (const char* entity : {"&c;", "&nosuch;", "&", "&;", "&#;", "&#x;", "&#xZZ;"}) {
    const auto decoded = decode_properties(one_vm(property("name", "xsd:string", entity)));
    if (decoded) {
      const auto& value = decoded->objects.at(0).properties.at(0).value;
      EXPECT_LE(std::get<std::string_view>(value).size(), 8u) << entity;
    }
  }
}

// What comes out is shown through printable() only; here it must do no harm and stay as it is.
TEST(Hostile, BrokenUtf8AndZeroBytes) {
  for (const std::string& bytes :
       {std::string("web\xE2\x82"), std::string("\xC0\x80"), std::string("\xED\xA0\x80"),
        std::string("\xF8\x88\x80\x80\x80"), std::string("\xFF\xFE"), std::string("&#xD800;"),
        std::string("&#x110000;"), std::string("&#xFFFFFFFFFFFFFFFF;"), std::string("a&#0;b")}) {
    const auto decoded = decode_properties(one_vm(property("name", "xsd:string", bytes)));
    if (!decoded) continue;
    const auto& value = decoded->objects.at(0).properties.at(0).value;
    EXPECT_LE(std::get<std::string_view>(value).size(), 2 * bytes.size()) << bytes;
    EXPECT_EQ(std::get<std::string_view>(value).find('\0'), std::string::npos) << bytes;
  }
  EXPECT_EQ(code_of(one_vm(property("name", "xsd:string", std::string("a\0b", 3)))),
            ErrorCode::kProtocol);
}

// A series has a copy of its object's id: a long one times many series would be gigabytes.
TEST(Hostile, ALongIdIsNotMultiplied) {
  const std::string series =
      "<value><id><counterId>9</counterId><instance/></id><value>1</value></value>";
  const auto answer = [&](const std::string& entity) {
    return envelope(
        "<QueryPerfResponse xmlns=\"urn:vim25\"><returnval xsi:type=\"PerfEntityMetricCSV\">"
        "<entity type=\"VirtualMachine\">" +
        entity + "</entity><sampleInfoCSV>20,2026-11-23T13:09:20Z</sampleInfoCSV>" +
        repeat(series, 1000) + "</returnval></QueryPerfResponse>");
  };
  const auto honest = decode_query_perf(answer("vm-1"));
  ASSERT_TRUE(honest) << honest.error().message;
  EXPECT_EQ(honest->size(), 1000u);
  const auto hostile = decode_query_perf(answer(std::string(100'000, 'v')));
  ASSERT_TRUE(hostile) << hostile.error().message;
  EXPECT_TRUE(hostile->empty());
}

TEST(Hostile, WhatIsNotXmlIsNamedSo) {
  for (const std::string& answer :
       {std::string("404 page not found"), std::string("--MIME_boundary\r\nContent-Type: x\r\n"),
        std::string("\x1f\x8b\x08\x00\x00", 5), std::string("<\0h\0t\0", 6),
        std::string("HTTP/1.1 200 OK\r\n\r\n<a/>")}) {
    const auto decoded = decode_properties(answer);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kProtocol);
    EXPECT_THAT(decoded.error().message, HasSubstr("not XML"));
  }
  EXPECT_EQ(code_of(""), ErrorCode::kProtocol);
  EXPECT_EQ(code_of("   \n"), ErrorCode::kProtocol);
  EXPECT_EQ(code_of("<html><body><h1>It works</h1></body></html>"), ErrorCode::kProtocol);
}

TEST(Hostile, AnotherMethodsAnswerIsAnError) {
  EXPECT_EQ(code_of(sample("vcenter_logout.xml")), ErrorCode::kProtocol);
  EXPECT_EQ(code_of(sample("vcenter_vms_last.xml")), ErrorCode::kProtocol);
  EXPECT_EQ(code_of(envelope("")), ErrorCode::kProtocol);
  EXPECT_FALSE(decode_service_versions(sample("vcenter_logout.xml")));
}

// A context of gSOAP reads one message after the other.
TEST(Hostile, NothingOfAMessageIsLeftForTheNext) {
  std::string soap12 = sample("vcenter_processes.xml");
  const std::string envelope11 = "http://schemas.xmlsoap.org/soap/envelope/";
  const auto at = soap12.find(envelope11);
  ASSERT_NE(at, std::string::npos);
  soap12.replace(at, envelope11.size(), "http://www.w3.org/2003/05/soap-envelope");
  const std::string whole = sample("vcenter_vms.xml");
  for (const std::string& before :
       {soap12, whole.substr(0, whole.size() / 2), sample("other_prefixes.xml"),
        sample("fault_no_permission.xml"), sample("vcenter_vms_last.xml"), std::string("<x"),
        one_vm("<propSet id=\"a\" href=\"#b\"/>"), envelope("<a xmlns:SOAP-ENV=\"urn:x\"/>")}) {
    static_cast<void>(decode_list_processes(before));
    static_cast<void>(decode_more_properties(before));
    const auto processes = decode_list_processes(sample("vcenter_processes.xml"));
    ASSERT_TRUE(processes) << processes.error().message << " after " << before;
    EXPECT_EQ(processes->size(), 2u);
    const auto fault = decode_list_processes(sample("fault_no_permission.xml"));
    ASSERT_FALSE(fault);
    EXPECT_EQ(fault.error().fault, "NoPermission") << " after " << before;
  }
}

TEST(Hostile, ErrorsDoNotRepeatTheAnswer) {
  const auto decoded = decode_properties("<x>\x1b[31mSECRET");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().sentence().find("SECRET"), std::string::npos);
}

}  // namespace
}  // namespace ballast::vsphere::test
