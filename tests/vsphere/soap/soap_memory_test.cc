// No answer takes many times its own size in memory while it is decoded.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fixtures/peak_memory.h"
#include "tests/vsphere/soap/soap_samples.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/soap/decode.h"

namespace ballast::vsphere::test {
namespace {

constexpr std::size_t kAnswerBytes = 1'000'000;

#ifdef BALLAST_MEASURES_MEMORY

std::string repeat_up_to(std::size_t size, const std::string& text) {
  std::string out;
  while (out.size() < size) out += text;
  return out;
}

template <class Decode>
std::size_t peak_of(const std::string& answer, Decode decode) {
  const auto peak = fixtures::peak_memory_of([&] { (void)decode(answer); });
  EXPECT_TRUE(peak) << "it cannot be measured";
  return peak.value_or(0);
}

TEST(SoapMemory, IsBoundedByTheAnswersSize) {
  const std::string text(200, 'x');
  const struct {
    const char* what;
    std::string part;
  } rows[] = {
      {"empty properties", "<propSet/>"},
      {"missing properties", "<missingSet/>"},
      {"empty values", "<propSet><val/></propSet>"},
      {"statistics", "<propSet><val xsi:type=\"VirtualMachineQuickStats\"/></propSet>"},
      {"counters",
       "<propSet><val xsi:type=\"ArrayOfPerfCounterInfo\"><PerfCounterInfo/>"
       "<PerfCounterInfo/></val></propSet>"},
      {"texts", "<propSet><name>" + text + "</name></propSet>"},
      {"objects", "</objects><objects>"},
      {"unknown elements", "<a><b c=\"1\">" + text + "</b></a>"},
      {"attributes", "<propSet a=\"1\" b=\"2\" c=\"3\"/>"},
      {"comments", "<!-- " + text + " -->"},
  };
  for (const auto& row : rows) {
    const auto answer = one_vm(repeat_up_to(kAnswerBytes, row.part));
    const auto peak = peak_of(answer, decode_properties);
    EXPECT_GT(peak, 0u);
    EXPECT_LT(peak, 40 * answer.size()) << row.what << ": " << peak << " bytes at once";
  }
}

// What a scan does with a page: reads it, and makes VMs of it.
std::size_t views_of(const std::string& answer) {
  const auto page = decode_properties(answer);
  std::vector<model::VmView> views;
  if (!page) return 0;
  views.reserve(page->objects.size());
  for (const auto& object : page->objects) views.push_back(vm_view(object, {}));
  return views.size();
}

TEST(SoapMemory, AHostilePageTakesFourTimesItsSizeAtMost) {
  constexpr std::size_t kBytes = 16'000'000;
  constexpr std::size_t kSlack = 64 * 1024 * 1024;
  const std::string vm = "<obj type=\"VirtualMachine\">vm-1</obj>";
  const std::string fat(100'000, 'x');
  const std::pair<const char*, std::string> rows[] = {
      {"empty objects", "</objects><objects>"},
      {"objects without properties", "</objects><objects>" + vm},
      {"tiny elements", "<a/>"},
      {"attributes", "<a b=\"\" c=\"\" d=\"\"/>"},
      {"properties", "<propSet><name>x</name></propSet>"},
      {"missing ones", "<missingSet/>"},
      {"fat names", "</objects><objects>" + vm +
                        "<propSet><name>name</name><val xsi:type=\"string\">" + fat +
                        "</val></propSet>"},
      {"fat identifiers", "</objects><objects>" + vm +
                              "<propSet><name>config.uuid</name><val xsi:type=\"string\">" + fat +
                              "</val></propSet>"},
  };
  for (const auto& [what, part] : rows) {
    const auto answer = one_vm(repeat_up_to(kBytes, part));
    const auto peak = peak_of(answer, views_of);
    EXPECT_LT(peak, 4 * answer.size() + kSlack)
        << what << ": " << static_cast<double>(peak) / static_cast<double>(answer.size());
  }
}

#else

TEST(SoapMemory, IsBoundedByTheAnswersSize) { GTEST_SKIP() << "measured with AddressSanitizer"; }

#endif

}  // namespace
}  // namespace ballast::vsphere::test
