// The SOAP samples of tests/data/soap.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace ballast::vsphere::test {

inline std::string sample(const std::string& name) {
  std::ifstream file(std::string(BALLAST_TEST_DATA) + "/soap/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no sample " + name);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// An envelope as vCenter writes it around `body`.
inline std::string envelope(const std::string& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" "
         "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "
         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n<soapenv:Body>\n" +
         body + "\n</soapenv:Body>\n</soapenv:Envelope>";
}

// A RetrievePropertiesEx answer with one VM, vm-1, that has `properties`.
inline std::string one_vm(const std::string& properties) {
  return envelope(
      "<RetrievePropertiesExResponse xmlns=\"urn:vim25\"><returnval><objects>"
      "<obj type=\"VirtualMachine\">vm-1</obj>" +
      properties + "</objects></returnval></RetrievePropertiesExResponse>");
}

inline std::string property(const std::string& name, const std::string& type,
                            const std::string& content) {
  return "<propSet><name>" + name + "</name><val xsi:type=\"" + type + "\">" + content +
         "</val></propSet>";
}

}  // namespace ballast::vsphere::test
