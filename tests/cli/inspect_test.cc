// `ballast inspect` over real files: captured guests, the RHEL 5 vmcore, a sosreport's archive.
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"
#include "cli/inspect_command.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/golden.h"
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
  const int code = run_inspect(options, *make_output(options.format, terminal.terminal), terminal.terminal);
  return {code, terminal.out(), terminal.err()};
}

InspectOptions json_of_paths(std::vector<std::string> paths) {
  InspectOptions options;
  options.paths = std::move(paths);
  options.format = Format::kJson;
  return options;
}

// Paths as a user in tests/data would have given them, so that golden files hold for any checkout.
std::string local(std::string text) {
  for (auto at = text.find(kData); at != std::string::npos; at = text.find(kData)) {
    text.erase(at, kData.size());
  }
  return text;
}

Inspection inspected(const std::vector<std::string>& paths, const InspectFacts& facts = {}) {
  auto inputs = offline::read_inputs(paths);
  for (auto& sample : inputs.samples) {
    for (auto& source : sample.sources) source = local(source);
  }
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

TEST(InspectRhel5Vmcore, Golden) {
  const auto inspection = inspected(kCaseTexts);
  EXPECT_TRUE(matches_golden("inspect_rhel5_tty80.txt", table(inspection, colour_tty(80))));
  EXPECT_TRUE(matches_golden("inspect_rhel5_ascii80.txt", table(inspection, ascii_tty(80))));
  EXPECT_TRUE(matches_golden("inspect_rhel5_piped.txt", table(inspection, piped())));
  std::ostringstream out;
  print_inspection_json(inspection, out);
  EXPECT_TRUE(matches_golden("inspect_rhel5.json", out.str()));
}

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
  EXPECT_EQ(json::parse(run(options).out)["verdict"], "excess") << "half of it is not the balloon";
}

TEST(InspectRhel5Vmcore, WithoutKmemIMemTotalAndFreeAreAskedFor) {
  auto options = json_of_paths({kCase + "kmem_V.txt", kCase + "bt.txt"});
  const auto result = run(options);
  EXPECT_EQ(result.exit_code, kExitPartial) << "evidence, but no account";
  const auto found = json::parse(result.out);
  EXPECT_TRUE(found["mem_total_kib"].is_null());
  EXPECT_THAT(found["notes"].dump(), HasSubstr("--mem-total"));
  EXPECT_THAT(found["summary"], HasSubstr("was allocating memory"));
  options.facts.mem_total_kib = 16 * kKibPerGib;
  options.facts.mem_free_kib = 100 * kKibPerMib;
  const auto complete = run(options);
  EXPECT_EQ(complete.exit_code, kExitDone);
  EXPECT_EQ(json::parse(complete.out)["mem_total_kib"], 16 * kKibPerGib);
}

TEST(InspectRhel5Vmcore, ABackTraceAloneIsEvidence) {
  const auto result = run(json_of_paths({kCase + "bt.txt"}));
  EXPECT_EQ(result.exit_code, kExitPartial);
  EXPECT_THAT(json::parse(result.out)["notes"].dump(), HasSubstr("kmem -V"));
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

TEST(Inspect, GoldenGuest) {
  InspectFacts facts;
  facts.balloons_kib = {kKibPerGib};
  const auto inspection = inspected({kIdle + "1024"}, facts);
  EXPECT_TRUE(matches_golden("inspect_guest_tty80.txt", table(inspection, colour_tty(80))));
  EXPECT_TRUE(matches_golden("inspect_guest_piped.txt", table(inspection, piped())));
  std::ostringstream out;
  print_inspection_json(inspection, out);
  EXPECT_TRUE(matches_golden("inspect_guest.json", out.str()));
}

TEST(Inspect, GoldenExcessNamesItsSuspects) {
  InspectFacts facts;
  facts.balloons_kib = {0};
  const auto inspection = inspected({kData + "captures/n_neg_brd/300MB"}, facts);
  EXPECT_EQ(inspection.newest().judged.judgement.verdict, model::Verdict::kExcess);
  const auto text = table(inspection, piped());
  EXPECT_THAT(text, HasSubstr("RAM disks"));
  EXPECT_TRUE(matches_golden("inspect_excess_piped.txt", text));
}

TEST(Inspect, MemInfoAloneSaysWhatItLacks) {
  const auto result = run(json_of_paths({kIdle + "1024/proc/meminfo"}));
  EXPECT_EQ(result.exit_code, kExitDone);
  const auto found = json::parse(result.out);
  EXPECT_EQ(found["verdict"], "unknown");
  EXPECT_EQ(found["reason"], "balloon_figure_unset");
  EXPECT_THAT(found["notes"].dump(), HasSubstr("zoneinfo was not readable"));
  EXPECT_THAT(found["collect_next"].dump(), HasSubstr("/proc/zoneinfo"));
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

TEST(InspectSeries, Golden) {
  InspectFacts facts;
  facts.balloons_kib = {0, 256 * kKibPerMib, kKibPerGib};
  const auto inspection = inspected({kIdle + "0", kIdle + "256", kIdle + "1024"}, facts);
  EXPECT_TRUE(matches_golden("inspect_series_piped.txt", table(inspection, piped())));
  EXPECT_TRUE(matches_golden("inspect_series_tty80.txt", table(inspection, colour_tty(80))));
  std::ostringstream out;
  print_inspection_csv(inspection, out);
  EXPECT_TRUE(matches_golden("inspect_series.csv", out.str()));
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
  EXPECT_EQ(inspection->newest().judged.vm.stats.balloon_kib, kKibPerGib) << "the figure of now is the newest's";
  EXPECT_EQ(inspection->newest().judged.judgement.verdict, model::Verdict::kBalloon);
}

TEST(InspectSeries, OneFigureIsTheNewestSamples) {
  auto options = json_of_paths({kIdle + "0", kIdle + "1024"});
  options.facts.balloons_kib = {kKibPerGib};
  const auto found = json::parse(run(options).out);
  EXPECT_TRUE(found["series"][0]["balloon"]["hypervisor_kib"].is_null());
  EXPECT_EQ(found["series"][1]["balloon"]["hypervisor_kib"], kKibPerGib);
}

TEST(InspectSeries, ANumberOfFiguresThatFitsNeitherIsAUsageError) {
  auto options = json_of_paths({kIdle + "0", kIdle + "256", kIdle + "1024"});
  options.facts.balloons_kib = {0, 1};
  const auto result = run(options);
  EXPECT_EQ(result.exit_code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("2 times for 3 samples"));
  EXPECT_EQ(result.out, "");
}

TEST(InspectSeries, FiguresAreNotGivenToOtherSamplesWhenAPathFails) {
  auto options = json_of_paths({kIdle + "0", "/nonexistent"});
  for (const std::vector<std::int64_t>& figures :
       std::vector<std::vector<std::int64_t>>{{kKibPerGib}, {0, kKibPerGib}}) {
    options.facts.balloons_kib = figures;
    const auto result = run(options);
    EXPECT_EQ(result.exit_code, kExitUsage);
    EXPECT_EQ(result.out, "") << "a verdict on a figure that is another sample's";
  }
}

TEST(InspectSeries, AnotherGuestsBaselineIsNotShared) {
  auto options = json_of_paths({kData + "captures/g_idle_1024/0", kIdle + "1024"});
  options.facts.balloons_kib = {0, kKibPerGib};
  const auto found = json::parse(run(options).out);
  EXPECT_EQ(found["baseline_samples"], 0);
  EXPECT_THAT(found["notes"].dump(), HasSubstr("another boot, kernel or size of memory"));
}

// -- what goes wrong

TEST(Inspect, TheDriversFigureIsNotTheHypervisors) {
  auto inspection = inspected({kIdle + "1024"});
  EXPECT_THAT(headline(inspection), Not(HasSubstr("hypervisor")));
  inspection.samples.front().judged.judgement.verdict = model::Verdict::kHidden;
  EXPECT_THAT(headline(inspection), HasSubstr("The guest's balloon driver reports 1.00 GiB"));
}

TEST(Inspect, SomePathsFailing) {
  const auto result = run(json_of_paths({"/nonexistent", kIdle + "0"}));
  EXPECT_EQ(result.exit_code, kExitPartial);
  EXPECT_THAT(result.err, HasSubstr("/nonexistent"));
  EXPECT_EQ(json::parse(result.out)["series"].size(), 1U);
}

TEST(Inspect, APastedSessionIsToldFromACopy) {
  const std::string path = testing::TempDir() + "ballast-pasted-" + std::to_string(getpid());
  std::ofstream(path) << "# cat /proc/meminfo\nMemTotal: 2048 kB\n";
  const auto result = run(json_of_paths({path}));
  std::remove(path.c_str());
  EXPECT_EQ(result.exit_code, kExitFailed);
  EXPECT_THAT(result.err, HasSubstr("# cat /proc/meminfo")) << "the line at fault is named";
  EXPECT_THAT(result.err, HasSubstr("take out the lines"));
}

TEST(Inspect, AllPathsFailing) {
  const auto result = run(json_of_paths({"/nonexistent"}));
  EXPECT_EQ(result.exit_code, kExitFailed);
  EXPECT_EQ(result.out, "");
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

// -- the command line

int parse(const std::vector<std::string>& arguments, CapturedTerminal& terminal) {
  return run_app({add_inspect_command}, arguments, terminal.terminal, sample_now());
}

TEST(InspectCommand, Balloons) {
  const std::vector<std::vector<std::string>> forms = {{"--balloon", "0,1GiB"},
                                                       {"--balloon", "0", "--balloon", "1GiB"}};
  for (const auto& figures : forms) {
    CapturedTerminal terminal;
    const std::vector<std::string> paths = {"--format", "json", kIdle + "0", kIdle + "1024"};
    std::vector<std::string> arguments = {"inspect"};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    arguments.insert(arguments.end(), figures.begin(), figures.end());
    ASSERT_EQ(parse(arguments, terminal), kExitDone) << terminal.err();
    EXPECT_EQ(json::parse(terminal.out())["balloon"]["hypervisor_kib"], kKibPerGib);
    std::vector<std::string> figures_first = {"inspect"};
    figures_first.insert(figures_first.end(), figures.begin(), figures.end());
    figures_first.insert(figures_first.end(), paths.begin() + 2, paths.end());
    CapturedTerminal second;
    EXPECT_EQ(parse(figures_first, second), kExitDone) << "a path was taken for a size";
  }
}

TEST(InspectCommand, UsageErrors) {
  const std::vector<std::vector<std::string>> wrong = {
      {"inspect"},
      {"inspect", kIdle + "0", "--balloon", "much"},
      {"inspect", kIdle + "0", "--balloon", ""},
      {"inspect", kIdle + "0", "--mem-total", "-1"}};
  for (const auto& arguments : wrong) {
    CapturedTerminal terminal;
    EXPECT_EQ(parse(arguments, terminal), kExitUsage) << arguments.back();
    EXPECT_EQ(terminal.out(), "");
  }
}

}  // namespace
}  // namespace ballast::cli
