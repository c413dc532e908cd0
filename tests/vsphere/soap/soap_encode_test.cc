// Requests are the XML that a vim25 server expects, with every text escaped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vsphere/soap/encode.h"

namespace ballast::vsphere::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const ManagedObject kCollector{"PropertyCollector", "propertyCollector"};
const ManagedObject kView{"ContainerView", "session[52a0]52b1"};

std::string wire(const SoapRequest& request) { return request.envelope.reveal(); }

TEST(Encode, EnvelopeAndMethod) {
  const auto request = encode_retrieve_service_content();
  EXPECT_EQ(request.method, "RetrieveServiceContent");
  EXPECT_THAT(wire(request), AllOf(HasSubstr("xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\""),
                                   HasSubstr("<RetrieveServiceContent xmlns=\"urn:vim25\"><_this "),
                                   HasSubstr("type=\"ServiceInstance\">ServiceInstance</_this>")));
}

TEST(Encode, LoginEscapesNameAndPassword) {
  const auto request = encode_login({"SessionManager", "SessionManager"}, "dom\\us<er>",
                                    Secret("p&ss<\"word\"]]>\u00e9"));
  EXPECT_THAT(wire(request), AllOf(HasSubstr("<userName>dom\\us&lt;er&gt;</userName>"),
                                   HasSubstr("<password>p&amp;ss&lt;\"word\"]]&gt;\u00e9<"),
                                   Not(HasSubstr("p&ss"))));
}

TEST(Encode, ViewQueryTraversesTheView) {
  PropertyQuery query;
  query.start = kView;
  query.reach = Reach::kView;
  query.wanted = {{"VirtualMachine", {"name", "summary.quickStats"}}};
  query.page_size = 7;
  EXPECT_THAT(wire(encode_retrieve_properties(kCollector, query)),
              AllOf(HasSubstr("<propSet><type>VirtualMachine</type><pathSet>name</pathSet>"
                              "<pathSet>summary.quickStats</pathSet></propSet>"),
                    HasSubstr(">session[52a0]52b1</obj><skip>true</skip><selectSet xsi:type="),
                    HasSubstr("TraversalSpec\"><name>view</name><type>ContainerView</type>"
                              "<path>view</path><skip>false</skip></selectSet>"),
                    HasSubstr("<options><maxObjects>7</maxObjects></options>")));
}

TEST(Encode, AncestorsAreReachedThroughParentAgainAndAgain) {
  PropertyQuery query;
  query.start = kView;
  query.reach = Reach::kViewAndAncestors;
  query.wanted = {{"HostSystem", {"name"}}};
  EXPECT_THAT(wire(encode_retrieve_properties(kCollector, query)),
              AllOf(HasSubstr("<name>upwards</name><type>ManagedEntity</type><path>parent</path>"
                              "<skip>false</skip><selectSet><name>upwards</name></selectSet>"),
                    HasSubstr("<options></options>")));
}

TEST(Encode, OneObjectNeedsNoTraversal) {
  PropertyQuery query;
  query.start = {"GuestOperationsManager", "guestOperationsManager"};
  query.wanted = {{"GuestOperationsManager", {"processManager"}}};
  EXPECT_THAT(wire(encode_retrieve_properties(kCollector, query)),
              AllOf(HasSubstr("<skip>false</skip></objectSet>"), Not(HasSubstr("selectSet"))));
}

TEST(Encode, TokensAreEscaped) {
  EXPECT_THAT(wire(encode_continue_retrieve(kCollector, "a<b&c")),
              HasSubstr("<token>a&lt;b&amp;c</token>"));
  EXPECT_THAT(wire(encode_cancel_retrieve(kCollector, "0")),
              HasSubstr("<CancelRetrievePropertiesEx xmlns=\"urn:vim25\">"));
}

GuestTarget guest() {
  return {{"GuestProcessManager", "guestProcessManager"}, "vm-42", "root", Secret("s&cret")};
}

TEST(Encode, GuestLoginIsANamePasswordAuthentication) {
  EXPECT_THAT(wire(encode_list_process(guest(), 4242)),
              AllOf(HasSubstr("type=\"VirtualMachine\">vm-42</vm>"),
                    HasSubstr("NamePasswordAuthentication\"><interactiveSession>false"
                              "</interactiveSession><username>root</username>"
                              "<password>s&amp;cret</password></auth>"),
                    HasSubstr("<pids>4242</pids>")));
}

TEST(Encode, ProgramArgumentsSurviveQuotesAndRedirects) {
  EXPECT_THAT(wire(encode_start_program(guest(), "/bin/sh",
                                        "-c 'cat </proc/meminfo >\"/tmp/x y\" 2>&1'", {})),
              AllOf(HasSubstr("<spec><programPath>/bin/sh</programPath><arguments>"
                              "-c 'cat &lt;/proc/meminfo &gt;\"/tmp/x y\" 2&gt;&amp;1'"
                              "</arguments><workingDirectory>/</workingDirectory></spec>")));
}

TEST(Encode, LongTextsAreWhole) {
  const std::string script(300'000, '<');
  const auto request = encode_start_program(guest(), "/bin/sh", script, {});
  EXPECT_GT(wire(request).size(), 4 * script.size());
  EXPECT_THAT(wire(request), HasSubstr("</arguments><workingDirectory>/"));
}

TEST(Encode, FileOperations) {
  EXPECT_THAT(wire(encode_create_temporary_file(guest(), "ballast-", ".txt")),
              HasSubstr("<prefix>ballast-</prefix><suffix>.txt</suffix>"));
  EXPECT_THAT(wire(encode_initiate_transfer(guest(), "/tmp/a&b")),
              HasSubstr("<guestFilePath>/tmp/a&amp;b</guestFilePath>"));
  EXPECT_THAT(wire(encode_delete_file(guest(), "/tmp/a")),
              HasSubstr("<filePath>/tmp/a</filePath>"));
  EXPECT_THAT(wire(encode_terminate_process(guest(), 7)), HasSubstr("<pid>7</pid>"));
}

TEST(Encode, Privileges) {
  EXPECT_THAT(
      wire(encode_has_privileges({"AuthorizationManager", "AuthorizationManager"},
                                 {"Folder", "group-d1"}, "52a0", {"System.View", "System.Read"})),
      AllOf(HasSubstr("type=\"Folder\">group-d1</entity><sessionId>52a0</sessionId>"),
            HasSubstr("<privId>System.View</privId><privId>System.Read</privId>")));
}

}  // namespace
}  // namespace ballast::vsphere::test
