// Faults reach the user as a class name and a sentence, and nothing in them can harm a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/soap/soap_samples.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/vim_fault.h"

namespace ballast::vsphere::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Error error_of(const std::string& name) {
  const auto decoded = decode_properties(sample(name));
  if (decoded) throw std::runtime_error(name + " decoded as a success");
  return decoded.error();
}

TEST(Fault, ClassNameAndCode) {
  const struct {
    const char* file;
    const char* fault;
    ErrorCode code;
  } rows[] = {
      {"fault_invalid_login.xml", "InvalidLogin", ErrorCode::kLogin},
      {"fault_no_permission.xml", "NoPermission", ErrorCode::kPermission},
      {"fault_guest_operations_unavailable.xml", "GuestOperationsUnavailable", ErrorCode::kFault},
      {"fault_managed_object_not_found.xml", "ManagedObjectNotFound", ErrorCode::kFault},
      {"fault_invalid_power_state.xml", "InvalidPowerState", ErrorCode::kFault},
      {"fault_untyped.xml", "NotAuthenticated", ErrorCode::kLogin},
      {"fault_unknown.xml", "QuantumFlux", ErrorCode::kFault},
      {"fault_no_detail.xml", "", ErrorCode::kFault},
      {"simulator_fault_invalid_argument.xml", "InvalidArgument", ErrorCode::kFault},
  };
  for (const auto& row : rows) {
    const auto error = error_of(row.file);
    EXPECT_EQ(error.fault, row.fault) << row.file;
    EXPECT_EQ(error.code, row.code) << row.file;
  }
}

TEST(Fault, NoPermissionNamesPrivilegeAndObject) {
  EXPECT_THAT(
      error_of("fault_no_permission.xml").message,
      AllOf(HasSubstr("VirtualMachine.GuestOperations.Execute"), HasSubstr("Folder group-d1")));
}

TEST(Fault, ParticularsAreShown) {
  EXPECT_THAT(error_of("fault_guest_operations_unavailable.xml").message,
              HasSubstr("vix error codes = (3016, 0)"));
  EXPECT_THAT(error_of("fault_invalid_power_state.xml").message, HasSubstr("poweredOff"));
  EXPECT_THAT(error_of("simulator_fault_invalid_argument.xml").message, HasSubstr("token"));
  EXPECT_THAT(error_of("fault_no_detail.xml").message, HasSubstr("Internal error"));
}

TEST(Fault, UnknownKeepsItsTextWithoutControlCharacters) {
  const auto message = error_of("fault_unknown.xml").message;
  EXPECT_THAT(message, AllOf(HasSubstr("QuantumFlux"), HasSubstr("It went <sideways>")));
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
}

TEST(Fault, SystemErrorOfToolsThatDoNotRunSaysSo) {
  SoapFault fault;
  fault.type = "SystemError";
  fault.detail = "vix error codes = (3016, 0).";
  EXPECT_THAT(explain(fault).hint, HasSubstr("VMware Tools"));
}

TEST(Fault, EveryFaultOfAGuestProbeHasWordsAndAHint) {
  for (const char* type : {"InvalidLogin",
                           "NotAuthenticated",
                           "NoPermission",
                           "InvalidGuestLogin",
                           "GuestOperationsUnavailable",
                           "GuestPermissionDenied",
                           "OperationDisabledByGuest",
                           "OperationNotSupportedByGuest",
                           "GuestComponentsOutOfDate",
                           "GuestOperationsFault",
                           "InvalidPowerState",
                           "ManagedObjectNotFound",
                           "TaskInProgress",
                           "InvalidState",
                           "FileNotFound",
                           "FileFault",
                           "CannotAccessFile",
                           "InvalidArgument",
                           "InvalidProperty",
                           "SystemError"}) {
    SoapFault fault;
    fault.type = type;
    const auto error = explain(fault);
    EXPECT_EQ(error.fault, type);
    EXPECT_THAT(error.message, Not(HasSubstr(type))) << "no words of its own";
    EXPECT_THAT(error.hint, Not(IsEmpty())) << type;
  }
}

TEST(Fault, HugeTextsAreCut) {
  SoapFault fault;
  fault.type = std::string(100'000, 'T');
  fault.text = fault.object = fault.detail = fault.subject = fault.type;
  const auto error = explain(fault);
  EXPECT_LT(error.message.size(), 2000u);
  EXPECT_LT(error.fault.size(), 200u);
}

}  // namespace
}  // namespace ballast::vsphere::test
