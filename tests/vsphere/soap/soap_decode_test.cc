// Answers decode to the values they carry, whoever wrote the XML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/soap/soap_samples.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/property_page.h"

namespace ballast::vsphere::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

template <class T>
T unwrap(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().sentence());
  return std::move(*result);
}

const PropertyValue* find(const ObjectProperties& object, const std::string& name) {
  for (const auto& property : object.properties) {
    if (property.name == name) return &property.value;
  }
  return nullptr;
}

std::string text(const ObjectProperties& object, const std::string& name) {
  const auto* value = find(object, name);
  if (value == nullptr) return "(absent)";
  const auto* held = std::get_if<std::string_view>(value);
  return held == nullptr ? "(no text)" : std::string(*held);
}

template <class T>
T held(const ObjectProperties& object, const std::string& name) {
  const auto* value = find(object, name);
  if (value == nullptr || !std::holds_alternative<T>(*value)) {
    throw std::runtime_error(name + " is absent or of another type");
  }
  return std::get<T>(*value);
}

TEST(DecodeProperties, VcenterPage) {
  const auto page = unwrap(decode_properties(sample("vcenter_vms.xml")));
  EXPECT_EQ(page.token, "0-5272c5a0-1");
  ASSERT_THAT(page.objects, SizeIs(3));
  const auto& vm = page.objects[0];
  EXPECT_EQ(vm.object, (ManagedObject{"VirtualMachine", "vm-1041"}));
  EXPECT_EQ(text(vm, "name"), "db-01 <prod> & caf\u00e9 %2f");
  EXPECT_EQ(text(vm, "config.hardware.memoryMB"), "16384");
  EXPECT_EQ(text(vm, "guest.guestOperationsReady"), "true");
  EXPECT_EQ(text(vm, "runtime.powerState"), "poweredOn");
  EXPECT_EQ(text(vm, "runtime.connectionState"), "connected");
  EXPECT_EQ(held<ManagedObject>(vm, "runtime.host"), (ManagedObject{"HostSystem", "host-27"}));
  const auto allocation = held<AllocationFigures>(vm, "resourceConfig.memoryAllocation");
  EXPECT_EQ(allocation.reservation_mb, 0);
  EXPECT_EQ(allocation.limit_mb, 15360);
}

TEST(DecodeProperties, EveryQuickStatsFigureComesFromItsOwnElement) {
  const auto page = unwrap(decode_properties(sample("vcenter_vms.xml")));
  const auto stats = held<model::QuickStats>(page.objects.at(0), "summary.quickStats");
  EXPECT_EQ(stats.balloon_kib, 1280 * 1024);
  EXPECT_EQ(stats.consumed_kib, 15423 * 1024);
  EXPECT_EQ(stats.active_kib, 983 * 1024);
  EXPECT_EQ(stats.granted_kib, 16256 * 1024);
  EXPECT_EQ(stats.swapped_kib, 12 * 1024);
  EXPECT_EQ(stats.compressed_kib, 2048);
  EXPECT_EQ(stats.shared_kib, 41 * 1024);
  EXPECT_EQ(stats.private_kib, 14210 * 1024);
  EXPECT_EQ(stats.overhead_kib, 89 * 1024);
  EXPECT_EQ(stats.uptime_s, 8640021);
  EXPECT_EQ(stats.entitled_kib, 2311 * 1024);
}

TEST(DecodeProperties, WhatIsAbsentIsUnsetAndZeroIsZero) {
  const auto page = unwrap(decode_properties(sample("vcenter_vms.xml")));
  const auto& vm = page.objects.at(1);
  const auto stats = held<model::QuickStats>(vm, "summary.quickStats");
  EXPECT_EQ(stats.balloon_kib, 0);
  EXPECT_EQ(stats.swapped_kib, std::nullopt);
  EXPECT_EQ(held<AllocationFigures>(vm, "resourceConfig.memoryAllocation").limit_mb, -1);
  EXPECT_EQ(find(vm, "guest.guestFamily"), nullptr);
}

TEST(DecodeProperties, MissingSetKeepsPathAndFault) {
  const auto page = unwrap(decode_properties(sample("vcenter_vms.xml")));
  ASSERT_THAT(page.objects.at(1).missing, SizeIs(1));
  EXPECT_EQ(page.objects[1].missing[0].name, "guest.guestOperationsReady");
  EXPECT_EQ(page.objects[1].missing[0].fault, "NoPermission");
  ASSERT_THAT(page.objects.at(2).missing, SizeIs(1));
  EXPECT_EQ(page.objects[2].missing[0].fault, "ManagedObjectNotFound");
}

TEST(DecodeProperties, LastPageHasNoToken) {
  const auto page = unwrap(decode_more_properties(sample("vcenter_vms_last.xml")));
  EXPECT_EQ(page.token, "");
  EXPECT_THAT(page.objects, SizeIs(1));
}

TEST(DecodeProperties, AnswerWithoutObjectsIsAnEmptyPage) {
  const auto page = unwrap(decode_properties(sample("vcenter_no_objects.xml")));
  EXPECT_THAT(page.objects, IsEmpty());
}

TEST(DecodeProperties, SimulatorWritesTheTypeAttributeWithItsOwnPrefix) {
  const auto page = unwrap(decode_properties(sample("simulator_vms.xml")));
  ASSERT_THAT(page.objects, SizeIs(3));
  const auto& vm = page.objects[0];
  EXPECT_EQ(text(vm, "name"), "DC0_C0_RP0_VM0");
  EXPECT_EQ(text(vm, "config.hardware.memoryMB"), "32");
  EXPECT_EQ(held<ManagedObject>(vm, "runtime.host"), (ManagedObject{"HostSystem", "host-47"}));
  EXPECT_EQ(held<model::QuickStats>(vm, "summary.quickStats").balloon_kib, std::nullopt);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*find(vm, "datastore")));
  ASSERT_THAT(vm.missing, SizeIs(1));
  EXPECT_EQ(vm.missing[0].fault, "InvalidProperty");
}

TEST(DecodeProperties, OtherPrefixesCdataAndUnknownTypes) {
  const auto page = unwrap(decode_properties(sample("other_prefixes.xml")));
  ASSERT_THAT(page.objects, SizeIs(1));
  const auto& vm = page.objects[0];
  EXPECT_EQ(text(vm, "name"), "a<bA");
  const auto stats = held<model::QuickStats>(vm, "summary.quickStats");
  EXPECT_EQ(stats.balloon_kib, 64 * 1024);
  EXPECT_EQ(stats.swapped_kib, 3 * 1024) << "a member after an unknown one is lost";
  EXPECT_EQ(held<ManagedObject>(vm, "runtime.host"), (ManagedObject{"HostSystem", "host-1"}));
  EXPECT_EQ(text(vm, "guest.guestOperationsReady"), "0");
  for (const char* unknown : {"config.uuid", "datastore", "config.hardware.memoryMB"}) {
    ASSERT_NE(find(vm, unknown), nullptr) << unknown;
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*find(vm, unknown))) << unknown;
  }
}

// The next page is asked for with it while this one is being read.
TEST(NextPageToken, IsReadFromTheBeginningOfAPage) {
  const std::string page = sample("vcenter_vms.xml");
  EXPECT_EQ(unwrap(next_page_token(page, PageKind::kFirst)), "0-5272c5a0-1");
  const auto objects = page.find("<objects>");
  ASSERT_NE(objects, std::string::npos);
  EXPECT_EQ(unwrap(next_page_token(page.substr(0, objects + 9), PageKind::kFirst)), "0-5272c5a0-1")
      << "what follows is not needed";
  EXPECT_EQ(unwrap(next_page_token(sample("vcenter_vms_last.xml"), PageKind::kNext)), "");
  EXPECT_EQ(unwrap(next_page_token(sample("vcenter_no_objects.xml"), PageKind::kFirst)), "");
  EXPECT_FALSE(next_page_token(page, PageKind::kNext)) << "the answer to another request";
  EXPECT_FALSE(next_page_token(sample("fault_no_permission.xml"), PageKind::kFirst));
}

// Overlooked, it would end a listing half-way, as if that was all.
TEST(NextPageToken, BehindTheObjectsIsAnError) {
  std::string page = sample("vcenter_vms.xml");
  const std::string token = "<token>0-5272c5a0-1</token>";
  const auto at = page.find(token);
  ASSERT_NE(at, std::string::npos);
  page.erase(at, token.size());
  EXPECT_EQ(unwrap(decode_properties(page)).token, "") << "without a token it is the last page";
  page.insert(page.find("</returnval>"), token);
  const auto decoded = decode_properties(page);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kProtocol);
}

TEST(DecodeProperties, FiguresThatCannotBeAreUnset) {
  for (const char* bad : {"-1", "9223372036854775807", "99999999999999999999", "12abc", "", "0x10",
                          "1.5", "1e3", "<a>7</a>", "٣"}) {
    const auto answer = one_vm(property("summary.quickStats", "VirtualMachineQuickStats",
                                        std::string("<balloonedMemory>") + bad +
                                            "</balloonedMemory><swappedMemory>5</swappedMemory>"));
    const auto page = unwrap(decode_properties(answer));
    const auto stats = held<model::QuickStats>(page.objects.at(0), "summary.quickStats");
    EXPECT_EQ(stats.balloon_kib, std::nullopt) << bad;
    EXPECT_EQ(stats.swapped_kib, 5 * 1024) << "behind " << bad;
  }
}

TEST(DecodeProperties, LimitOfMinusOneIsKeptAndMinusTwoIsNot) {
  const auto limit = [](const std::string& value) {
    const auto page = unwrap(decode_properties(
        one_vm(property("a", "ResourceAllocationInfo", "<limit>" + value + "</limit>"))));
    return held<AllocationFigures>(page.objects.at(0), "a").limit_mb;
  };
  EXPECT_EQ(limit("-1"), -1);
  EXPECT_EQ(limit("-2"), std::nullopt);
  EXPECT_EQ(limit("0"), 0);
}

TEST(DecodeServiceContent, ManagersAndAbout) {
  const auto content = unwrap(decode_service_content(sample("vcenter_service_content.xml")));
  EXPECT_EQ(content.about.full_name, "VMware vCenter Server 8.0.2 build-22617221");
  EXPECT_EQ(content.about.api_version, "8.0.2.0");
  EXPECT_EQ(content.about.instance_uuid, "a2e3c0de-7b56-4d6a-9a68-58b1e4ddc0f5");
  EXPECT_EQ(content.root_folder, (ManagedObject{"Folder", "group-d1"}));
  EXPECT_EQ(content.guest_operations_manager,
            (ManagedObject{"GuestOperationsManager", "guestOperationsManager"}));
  EXPECT_EQ(content.option_manager, (ManagedObject{"OptionManager", "VpxSettings"}));
  EXPECT_EQ(content.performance_manager.id, "") << "left out by the server";
  EXPECT_EQ(
      unwrap(decode_service_content(sample("simulator_service_content.xml"))).performance_manager,
      (ManagedObject{"PerformanceManager", "PerfMgr"}));
}

TEST(DecodeServiceContent, WithoutManagersIsAnError) {
  const auto content = decode_service_content(
      envelope("<RetrieveServiceContentResponse xmlns=\"urn:vim25\"><returnval/>"
               "</RetrieveServiceContentResponse>"));
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, ErrorCode::kProtocol);
}

TEST(DecodeSession, LoginKeyTimeViewAndPrivileges) {
  const auto session =
      unwrap(decode_login(envelope("<LoginResponse xmlns=\"urn:vim25\"><returnval>"
                                   "<key>52a0</key><userName>LAB\\u</userName></returnval>"
                                   "</LoginResponse>")));
  EXPECT_EQ(session.key, "52a0");
  EXPECT_EQ(session.user, "LAB\\u");
  EXPECT_EQ(format_iso8601(unwrap(decode_current_time(sample("vcenter_current_time.xml")))),
            "2026-11-23T13:09:13Z");
  EXPECT_EQ(unwrap(decode_create_container_view(sample("simulator_view.xml"))).type,
            "ContainerView");
  const auto privileges = unwrap(decode_has_privileges(sample("vcenter_privileges.xml")));
  ASSERT_THAT(privileges, SizeIs(2));
  EXPECT_TRUE(privileges[0].granted);
  EXPECT_EQ(privileges[1].id, "VirtualMachine.GuestOperations.Modify");
  EXPECT_FALSE(privileges[1].granted);
}

TEST(DecodeGuest, Processes) {
  const auto processes = unwrap(decode_list_processes(sample("vcenter_processes.xml")));
  ASSERT_THAT(processes, SizeIs(2));
  EXPECT_EQ(processes[0].pid, 4242);
  EXPECT_TRUE(processes[0].ended);
  EXPECT_EQ(processes[0].exit_code, 3);
  EXPECT_FALSE(processes[1].ended);
  EXPECT_EQ(processes[1].exit_code, std::nullopt);
}

TEST(DecodeGuest, FileTransferUrlIsUnescapedOnceAndKeepsItsPercentSigns) {
  const auto file = unwrap(decode_initiate_transfer(sample("vcenter_file_transfer.xml")));
  EXPECT_EQ(file.url, "https://*:443/guestFile?id=1&token=52a0%2B52b1");
  EXPECT_EQ(file.size, 2311);
}

TEST(DecodeGuest, PathAndPid) {
  const auto answer = [](const std::string& method, const std::string& content) {
    return envelope("<" + method + "Response xmlns=\"urn:vim25\"><returnval>" + content +
                    "</returnval></" + method + "Response>");
  };
  EXPECT_EQ(unwrap(decode_create_temporary_file(
                answer("CreateTemporaryFileInGuest", "/tmp/a &amp; b.txt"))),
            "/tmp/a & b.txt");
  EXPECT_EQ(unwrap(decode_start_program(answer("StartProgramInGuest", "4242"))), 4242);
  for (const char* bad : {"", "-5", "x", "99999999999999999999"}) {
    EXPECT_FALSE(decode_start_program(answer("StartProgramInGuest", bad))) << bad;
  }
  EXPECT_FALSE(decode_create_temporary_file(answer("CreateTemporaryFileInGuest", "")));
}

TEST(DecodeNothing, TellsSuccessFromFault) {
  EXPECT_TRUE(decode_nothing(sample("vcenter_logout.xml")));
  EXPECT_FALSE(decode_nothing(sample("fault_invalid_login.xml")));
}

TEST(DecodeServiceVersions, OnlyVim25TheServersOwnFirst) {
  EXPECT_THAT(unwrap(decode_service_versions(sample("vcenter_service_versions.xml"))),
              ElementsAre("8.0.2.0", "8.0.1.0", "8.0.0.1", "7.0.3.0", "6.7", "6.5", "2.0"));
}

}  // namespace
}  // namespace ballast::vsphere::test
