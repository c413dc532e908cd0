// The formats of Output. Each answer's methods are in the files named after it: report_text.cc,
// report_json.cc, report_csv.cc, ….
#pragma once

#include "cli/views/output.h"

namespace ballast::cli {

class TextOutput final : public Output {
 public:
  TextOutput(const output::StreamTraits& traits, std::ostream& out) : traits_(traits), out_(out) {}
  [[nodiscard]] bool is_for_people() const override { return traits_.tty; }
  void report(const fleet::Report& report) override;
  void vm(const fleet::VmReport& report) override;
  void inspection(const fleet::Inspection& inspection) override;
  void scans(const std::vector<collector::ScanSummary>& scans,
             const std::string& database) override;
  void checks(const std::vector<Check>& checks) override;
  void extent(const std::string& path, const storage::StoreExtent& extent) override;

 private:
  output::StreamTraits traits_;
  std::ostream& out_;
};

class JsonOutput final : public Output {
 public:
  explicit JsonOutput(std::ostream& out) : out_(out) {}
  void report(const fleet::Report& report) override;
  void vm(const fleet::VmReport& report) override;
  void inspection(const fleet::Inspection& inspection) override;
  void scans(const std::vector<collector::ScanSummary>& scans,
             const std::string& database) override;
  void checks(const std::vector<Check>& checks) override;
  void extent(const std::string& path, const storage::StoreExtent& extent) override;

 private:
  std::ostream& out_;
};

class CsvOutput final : public Output {
 public:
  explicit CsvOutput(std::ostream& out) : out_(out) {}
  void report(const fleet::Report& report) override;
  void vm(const fleet::VmReport& report) override;
  void inspection(const fleet::Inspection& inspection) override;
  void scans(const std::vector<collector::ScanSummary>& scans,
             const std::string& database) override;
  void checks(const std::vector<Check>& checks) override;
  void extent(const std::string& path, const storage::StoreExtent& extent) override;

 private:
  std::ostream& out_;
};

}  // namespace ballast::cli
