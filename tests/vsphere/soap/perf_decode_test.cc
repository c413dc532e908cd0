// Counters, options and samples on the wire: what is asked, what comes, and what an answer that is
// hostile or torn may do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/soap/soap_samples.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/inventory/place_mapping.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kLimit = "config.vpxd.stats.maxQueryMetrics";

UtcTime at(const char* text) { return parse_iso8601(text).value(); }

std::vector<std::int64_t> values_of(const std::vector<MetricSample>& samples) {
  std::vector<std::int64_t> out;
  for (const auto& sample : samples) out.push_back(sample.value);
  return out;
}

TEST(PerfCsv, TimesAndValuesInOrder) {
  const auto samples =
      SampleTimes("20,2026-11-23T13:09:40Z, 20,2026-11-23T14:09:20.5+01:00").with("7, 8");
  EXPECT_THAT(samples, ElementsAre(MetricSample{at("2026-11-23T13:09:20.5Z"), 8},
                                   MetricSample{at("2026-11-23T13:09:40Z"), 7}));
}

TEST(PerfCsv, WhatMakesNoSenseIsLeftOut) {
  constexpr const char* kThree =
      "20,2026-11-23T13:09:20Z,20,2026-11-23T13:09:40Z,20,2026-11-23T13:10:00Z";
  const struct {
    const char* times;
    const char* values;
    std::vector<std::int64_t> expected;
  } rows[] = {
      {kThree, "1,2,3", {1, 2, 3}},
      {kThree, "1,-1,3", {1, 3}},
      {kThree, "-1,-1,-1", {}},
      {kThree, "1,,3", {1, 3}},
      {kThree, "1,2.5,3", {1, 3}},
      {kThree, "1,0x2,9223372036854775807", {1}},
      {kThree, "1,99999999999999999999,3", {1, 3}},
      {kThree, "1,2", {}},
      {kThree, "1,2,3,4", {}},
      {kThree, "", {}},
      {"", "1", {}},
      {"", "", {}},
      {",", ",", {}},
      {"20", "1", {}},
      {"20,yesterday,20,2026-11-23T13:09:40Z", "1,2", {2}},
      {"x,2026-11-23T13:09:40Z", "5", {5}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(values_of(SampleTimes(row.times).with(row.values)), row.expected)
        << row.times << " / " << row.values;
  }
}

TEST(DecodePerf, CountersByTheirWords) {
  const auto page = decode_properties(sample("vcenter_perf_counters.xml"));
  ASSERT_TRUE(page) << page.error().message;
  const auto* counters =
      std::get_if<std::vector<CounterInfo>>(&value_of(page->objects.at(0), "perfCounter"));
  ASSERT_NE(counters, nullptr);
  ASSERT_THAT(*counters, SizeIs(5));
  const auto& balloon = counters->at(3);
  EXPECT_EQ(balloon.id, 90);
  EXPECT_EQ(balloon.group, "mem");
  EXPECT_EQ(balloon.name, "vmmemctl");
  EXPECT_EQ(balloon.rollup, "average");
}

TEST(DecodePerf, SeriesOfTheWholeObjectThatHaveData) {
  const auto series = decode_query_perf(sample("vcenter_query_perf.xml"));
  ASSERT_TRUE(series) << series.error().message;
  ASSERT_THAT(*series, SizeIs(3)) << "an instance, or a VM without samples, is among them";
  EXPECT_EQ(series->at(0).entity, "vm-1041");
  EXPECT_EQ(series->at(0).counter, 90);
  EXPECT_THAT(series->at(0).samples,
              ElementsAre(MetricSample{at("2026-11-23T13:09:20Z"), 1048576},
                          MetricSample{at("2026-11-23T13:09:40Z"), 1310720}));
  EXPECT_EQ(series->at(1).counter, 94);
  EXPECT_EQ(series->at(2).entity, "vm-1043");
  EXPECT_THAT(values_of(series->at(2).samples), ElementsAre(0, 0, 0));
  EXPECT_THAT(decode_query_perf(envelope("<QueryPerfResponse xmlns=\"urn:vim25\"/>")).value(),
              IsEmpty());
}

TEST(DecodePerf, OptionByItsName) {
  const auto answer = sample("vcenter_query_options.xml");
  EXPECT_EQ(decode_query_options(answer, kLimit).value(), "2000");
  EXPECT_EQ(decode_query_options(answer, "config.vpxd.stats").value(), "");
  const auto number =
      envelope("<QueryOptionsResponse xmlns=\"urn:vim25\"><returnval><key>" + std::string(kLimit) +
               "</key><value xsi:type=\"xsd:int\">64</value></returnval>"
               "</QueryOptionsResponse>");
  EXPECT_EQ(decode_query_options(number, kLimit).value(), "64");
}

TEST(DecodePerf, TornAnswersAreErrorsAtEveryByte) {
  const std::string whole = sample("vcenter_query_perf.xml");
  const std::size_t end = whole.find_last_of('>');
  for (std::size_t size = 0; size <= end; ++size) {
    const auto decoded = decode_query_perf(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(decoded) << "after " << size << " bytes";
    ASSERT_EQ(decoded.error().code, ErrorCode::kProtocol) << "after " << size << " bytes";
  }
}

TEST(DecodePerf, MangledAnswersNeverCrash) {
  const std::string put = "<>&\"\x01\xFF /,-9";
  for (const char* name :
       {"vcenter_query_perf.xml", "vcenter_perf_counters.xml", "vcenter_query_options.xml"}) {
    const std::string whole = sample(name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = put[at % put.size()];
      const auto series = decode_query_perf(changed);
      const auto page = decode_properties(changed);
      const auto option = decode_query_options(changed, kLimit);
      if (!series && !page && !option) {
        ASSERT_FALSE(series.error().message.empty());
      }
    }
  }
}

std::string perf_answer(const std::string& metric) {
  return envelope("<QueryPerfResponse xmlns=\"urn:vim25\">" + metric + "</QueryPerfResponse>");
}

TEST(DecodePerf, MembersThatAreMissingOrNil) {
  for (const char* metric :
       {"<returnval/>", "<returnval xsi:nil=\"true\"/>",
        "<returnval><value/><value xsi:nil=\"true\"/></returnval>",
        "<returnval><value><id/><value>1</value></value></returnval>",
        "<returnval><sampleInfoCSV>20,2026-11-23T13:09:20Z</sampleInfoCSV>"
        "<value><id><counterId>many</counterId></id><value>1</value></value></returnval>"}) {
    const auto decoded = decode_query_perf(perf_answer(metric));
    ASSERT_TRUE(decoded) << metric << ": " << decoded.error().message;
    EXPECT_THAT(*decoded, IsEmpty()) << metric;
  }
  const auto bare = decode_properties(
      one_vm(property("perfCounter", "ArrayOfPerfCounterInfo",
                      "<PerfCounterInfo/><PerfCounterInfo><key>5</key></PerfCounterInfo>")));
  ASSERT_TRUE(bare);
  const auto counters = std::get<std::vector<CounterInfo>>(bare->objects.at(0).properties[0].value);
  ASSERT_THAT(counters, SizeIs(1)) << "one without an id cannot be asked for";
  EXPECT_EQ(counters[0].name, "");
}

TEST(DecodePerf, FormatNormalHoldsNothingForUs) {
  const auto decoded = decode_query_perf(perf_answer(
      "<returnval xsi:type=\"PerfEntityMetric\"><entity type=\"VirtualMachine\">vm-1</entity>"
      "<sampleInfo><timestamp>2026-11-23T13:09:20Z</timestamp><interval>20</interval></sampleInfo>"
      "<value xsi:type=\"PerfMetricIntSeries\"><id><counterId>90</counterId></id><value>1</value>"
      "</value></returnval>"));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_THAT(*decoded, IsEmpty());
}

TEST(DecodePerf, HugeTextsAndOtherAnswersAreRefused) {
  const std::string huge(1'000'000, '1');
  EXPECT_FALSE(decode_query_perf(
      perf_answer("<returnval><sampleInfoCSV>" + huge + "</sampleInfoCSV></returnval>")));
  EXPECT_FALSE(decode_query_perf(sample("vcenter_privileges.xml")));
}

TEST(EncodePerf, QueryPerfInTheOrderOfTheSchema) {
  const PerfQuery query{"VirtualMachine", {90, 94}, at("2026-11-23T13:09:20.750Z"), 7};
  const auto request =
      encode_query_perf({"PerformanceManager", "PerfMgr"}, query, {"vm-1", "vm-<2>"});
  EXPECT_EQ(request.method, "QueryPerf");
  EXPECT_THAT(
      request.envelope.reveal(),
      AllOf(HasSubstr("<querySpec><entity "
                      "type=\"VirtualMachine\">vm-1</entity><startTime>2026-11-23T13:09:20Z</"
                      "startTime><maxSample>7</maxSample>"
                      "<metricId><counterId>90</counterId><instance/></metricId>"
                      "<metricId><counterId>94</counterId><instance/></metricId>"
                      "<intervalId>20</intervalId><format>csv</format></querySpec><querySpec>"),
            HasSubstr("vm-&lt;2&gt;</entity>")));
}

TEST(EncodePerf, OptionAndViewOfSeveralTypes) {
  EXPECT_THAT(encode_query_options({"OptionManager", "VpxSettings"}, kLimit).envelope.reveal(),
              HasSubstr(">VpxSettings</_this><name>config.vpxd.stats.maxQueryMetrics</name>"));
  EXPECT_THAT(encode_create_container_view({"ViewManager", "ViewManager"}, {"Folder", "group-d1"},
                                           {"ResourcePool", "VirtualApp"})
                  .envelope.reveal(),
              HasSubstr("<type>ResourcePool</type><type>VirtualApp</type><recursive>true<"));
}

ObjectProperties pool(ManagedObject self, const char* name, ManagedObject parent) {
  return {std::move(self),
          {{"name", std::string_view(name)},
           {"parent", std::move(parent)},
           {"config.memoryAllocation", AllocationFigures{512, -1}},
           {"runtime.memory.overallUsage", "3145728000"}},
          {}};
}

TEST(PoolMapping, RootsTakeTheNameAboveThem) {
  const auto pools = pools_of(
      {pool({"ResourcePool", "resgroup-8"}, "Resources", {"ClusterComputeResource", "domain-c7"}),
       pool({"ResourcePool", "resgroup-9"}, "Resources", {"ComputeResource", "domain-s9"}),
       pool({"ResourcePool", "resgroup-10"}, "Resources", {"ComputeResource", "hidden"}),
       pool({"VirtualApp", "resgroup-v11"}, "shop", {"ResourcePool", "resgroup-8"}),
       pool({"ResourcePool", "resgroup-12"}, "in shop", {"VirtualApp", "resgroup-v11"}),
       {{"ClusterComputeResource", "domain-c7"}, {{"name", "prod"}}, {}},
       {{"ComputeResource", "domain-s9"}, {{"name", "esx-9"}}, {}},
       {{"ResourcePool", "resgroup-13"}, {}, {}}});
  ASSERT_THAT(pools, SizeIs(6));
  const struct {
    const char* name;
    const char* parent;
  } expected[] = {{"prod", ""},
                  {"esx-9", ""},
                  {"Resources", ""},
                  {"shop", "resgroup-8"},
                  {"in shop", "resgroup-v11"},
                  {"", ""}};
  for (std::size_t i = 0; i < pools.size(); ++i) {
    EXPECT_EQ(pools[i].name, expected[i].name) << pools[i].moref;
    EXPECT_EQ(pools[i].parent, expected[i].parent) << pools[i].moref;
  }
  EXPECT_EQ(pools[0].usage_kib, 3145728000 / 1024) << "bytes";
  EXPECT_EQ(pools[0].allocation.reservation_kib, 512 * 1024);
  EXPECT_EQ(pools[0].allocation.limit_kib, model::kUnlimited);
  EXPECT_EQ(pools[5].usage_kib, std::nullopt);
  EXPECT_EQ(pools[5].allocation.limit_kib, std::nullopt);
}

}  // namespace
}  // namespace ballast::vsphere::test
