// What `ballast inspect` finds in captured guests and in the RHEL 5 vmcore; how it looks is in
// tests/cases/inspect.cases.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"
#include "cli/commands/inspect_command.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kData = BALLAST_TEST_DATA "/";
const std::string kIdle = kData + "captures/a_idle_2048/";
const std::string kCase = kData + "crash/rhel5_vmmemctl/";

struct Run {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Run run(const InspectOptions& options, StreamTraits traits = piped()) {
  CapturedTerminal terminal(traits);
  const int code =
      run_inspect(options, *make_output(options.format, terminal.terminal), terminal.terminal);
  return {code, terminal.out(), terminal.err()};
}

InspectOptions json_of_paths(std::vector<std::string> paths) {
  InspectOptions options;
  options.paths = std::move(paths);
  options.format = Format::kJson;
  return options;
}

Inspection inspected(const std::vector<std::string>& paths, const InspectFacts& facts = {}) {
  auto inputs = offline::read_inputs(paths);
  return inspect_samples(std::move(inputs.samples), facts).value();
}

std::string table(const Inspection& inspection, const StreamTraits& traits) {
  std::ostringstream out;
  print_inspection_table(inspection, traits, out);
  return out.str();
}

// -- the case this project began with

const std::vector<std::string> kCaseTexts = {kCase + "sys.txt",        kCase + "kmem_i.txt",
                                             kCase + "kmem_V.txt",     kCase + "bt.txt",
                                             kCase + "task_flags.txt", kCase + "zone.txt"};

TEST(InspectRhel5Vmcore, SaysWhatIsMissingAndWhoWasAllocating) {
  const auto result = run(json_of_paths(kCaseTexts));
  EXPECT_EQ(result.exit_code, kExitDone) << result.err;
  const auto found = json::parse(result.out);
  const std::int64_t named = (724169 + 204681 + 15177 + 32088) * 4;
  const std::int64_t total = found["mem_total_kib"];
  const std::int64_t free = found["accounted_kib"]["free"];
  EXPECT_EQ(found["unaccounted_kib"], total - free - named) << "by hand";
  EXPECT_THAT(found["summary"], HasSubstr("is unaccounted for"));
  EXPECT_THAT(found["summary"],
              HasSubstr("thread vmmemctl (PID 2789), was allocating memory in direct reclaim"));
  EXPECT_THAT(found["summary"], HasSubstr("270 tasks were in reclaim"));
  EXPECT_EQ(found["vmcore"]["task_flag_names"],
            json::parse(R"(["PF_FORKNOEXEC", "PF_MEMALLOC", "PF_MEMPOLICY"])"));
  EXPECT_EQ(found["verdict"], "unknown") << "no side told how large the balloon was";
  EXPECT_THAT(found["collect_next"].dump(), HasSubstr("--balloon"));
}

TEST(InspectRhel5Vmcore, TheHypervisorsFigureMakesItAVerdict) {
  auto options = json_of_paths(kCaseTexts);
  const auto without = json::parse(run(options).out);
  const std::int64_t extra =
      without["unaccounted_kib"].get<std::int64_t>() - without["baseline_kib"].get<std::int64_t>();
  options.facts.balloons_kib = {extra / kKibPerMib * kKibPerMib};
  const auto with = json::parse(run(options).out);
  EXPECT_EQ(with["verdict"], "balloon");
  EXPECT_EQ(with["proof"], "point");
  options.facts.balloons_kib = {extra / 2};
  const auto half = json::parse(run(options).out);
  EXPECT_EQ(half["verdict"], "unknown")
      << "this crash shows no huge pages, and they may be the rest";
  EXPECT_EQ(half["reason"], "unread");
  EXPECT_THAT(half["collect_next"].dump(), HasSubstr("TOTAL HUGE"));
}

TEST(InspectRhel5Vmcore, FlagsOfAnotherTaskAreNotTheDrivers) {
  auto inspection = inspected(kCaseTexts);
  auto& evidence = *inspection.samples.front().input.vmcore;
  EXPECT_THAT(vmcore_sentences(inspection.newest()), Contains(HasSubstr("its flags")));
  evidence.flags_command = "java";
  EXPECT_THAT(vmcore_sentences(inspection.newest()), Not(Contains(HasSubstr("its flags"))));
}

// -- guests

TEST(Inspect, ABalloonByTheHypervisorsFigure) {
  auto options = json_of_paths({kIdle + "1024"});
  options.facts.balloons_kib = {kKibPerGib};
  const auto result = run(options);
  EXPECT_EQ(result.exit_code, kExitDone);
  const auto found = json::parse(result.out);
  EXPECT_EQ(found["schema"], "ballast.inspect/1");
  EXPECT_EQ(found["verdict"], "balloon");
  EXPECT_EQ(found["proof"], "driver") << "vmstat's counters agree";
  EXPECT_EQ(found["balloon"]["hypervisor_kib"], kKibPerGib);
  EXPECT_TRUE(found["balloon"]["driver_kib"].is_null());
  EXPECT_EQ(found["balloon"]["vmstat_kib"], kKibPerGib);
  std::int64_t sum = found["unaccounted_kib"];
  for (const auto& part : found["accounted_kib"]) sum += part.get<std::int64_t>();
  EXPECT_EQ(sum, found["mem_total_kib"]);
}

// -- series

TEST(InspectSeries, TheBaselineIsLearnedFromTheGuestsOwnSamples) {
  auto options = json_of_paths({kIdle + "0", kIdle + "64", kIdle + "1024"});
  options.facts.balloons_kib = {0, 64 * kKibPerMib, kKibPerGib};
  const auto found = json::parse(run(options).out);
  EXPECT_EQ(found["baseline_samples"], 1);
  EXPECT_LT(found["tolerance_kib"], 4 * kKibPerMib) << "the prior's range is gone";
  EXPECT_EQ(found["verdict"], "balloon");
  ASSERT_EQ(found["series"].size(), 3U);
  EXPECT_EQ(found["series"][0]["verdict"], "clean");
  EXPECT_EQ(found["series"][1]["verdict"], "balloon");
}

// Free pages that Monday's files do not show would be a part of Tuesday's baseline, and its balloon
// would be hidden.
TEST(InspectSeries, ABaselineOfOtherFilesIsNotShared) {
  auto options = json_of_paths({kIdle + "0/proc/meminfo", kIdle + "1024"});
  options.facts.balloons_kib = {0, kKibPerGib};
  const auto found = json::parse(run(options).out);
  EXPECT_EQ(found["baseline_samples"], 0);
  EXPECT_THAT(found["notes"].dump(), HasSubstr("other files"));
}

TEST(InspectSeries, ArchivesAreTakenInOrderOfTime) {
  const auto sosreport = [](const char* capture, const char* date) {
    offline::OfflineSample sample = offline::read_inputs({kIdle + capture}).samples.front();
    sample.taken_at = parse_iso8601(date).value();
    return sample;
  };
  InspectFacts facts;
  facts.balloons_kib = {kKibPerGib};
  const auto inspection =
      inspect_samples({sosreport("1024", "2026-11-24"), sosreport("0", "2026-11-23")}, facts);
  EXPECT_EQ(inspection->newest().input.sources.front(), kIdle + "1024");
  EXPECT_EQ(inspection->newest().judged.vm.stats.balloon_kib, kKibPerGib)
      << "the figure of now is the newest's";
  EXPECT_EQ(inspection->newest().judged.judgement.verdict, model::Verdict::kBalloon);
}

// -- what goes wrong

TEST(Inspect, TheDriversFigureIsNotTheHypervisors) {
  auto inspection = inspected({kIdle + "1024"});
  EXPECT_THAT(headline(inspection), Not(HasSubstr("hypervisor")));
  inspection.samples.front().judged.judgement.verdict = model::Verdict::kHidden;
  EXPECT_THAT(headline(inspection), HasSubstr("The guest's balloon driver reports 1.00 GiB"));
}

TEST(Inspect, NothingWrapsAtAnyWidth) {
  InspectFacts facts;
  facts.balloons_kib = {kKibPerGib};
  const std::vector<Inspection> inspections = {inspected(kCaseTexts),
                                               inspected({kIdle + "0", kIdle + "1024"}, facts)};
  for (std::size_t width = 50; width <= 140; ++width) {
    StreamTraits traits = colour_tty(width);
    traits.colour = false;
    for (const auto& inspection : inspections) {
      const auto text = table(inspection, traits);
      for (const auto line : split_lines(text)) {
        EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
      }
    }
  }
}

TEST(Inspect, HostileNamesDoNotReachTheTerminal) {
  auto inspection = inspected({kIdle + "0"});
  auto& sample = inspection.samples.front();
  sample.input.sources = {"evil\x1b[2J"};
  sample.input.reading.kernel_release = "5.14\x1b]0;x\x07";
  sample.input.reading.balloon.module = "vmw\x1b[31m";
  sample.judged.guest->account.missing = {"note \x1b[2J"};
  for (const auto& text : {table(inspection, piped()), table(inspection, ascii_tty(80))}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
  }
}

}  // namespace
}  // namespace ballast::cli
