#include "cli/views/output.h"

#include <stdexcept>

#include "cli/views/formats.h"

namespace ballast::cli {

std::unique_ptr<Output> make_output(Format format, const output::StreamTraits& traits,
                                    std::ostream& out) {
  switch (format) {
    case Format::kJson:
      return std::make_unique<JsonOutput>(out);
    case Format::kCsv:
      return std::make_unique<CsvOutput>(out);
    case Format::kTable:
      break;
  }
  return std::make_unique<TextOutput>(traits, out);
}

std::unique_ptr<Output> make_output(Format format, output::Terminal& terminal) {
  return make_output(format, terminal.out_traits(), terminal.out());
}

void CsvOutput::scans(const std::vector<collector::ScanSummary>& /*scans*/,
                      const std::string& /*database*/) {
  throw std::logic_error("a scan's summary has no CSV");
}

void CsvOutput::checks(const std::vector<Check>& /*checks*/) {
  throw std::logic_error("the doctor's findings have no CSV");
}

void CsvOutput::extent(const std::string& /*path*/, const storage::StoreExtent& /*extent*/) {
  throw std::logic_error("what a database holds has no CSV");
}

}  // namespace ballast::cli
