#include "fleet/report_query.h"

#include <algorithm>

#include "base/text.h"

namespace ballast::fleet {

namespace {

bool matches(const std::string& pattern, const std::string& text) {
  return pattern.empty() || glob_match(pattern, text);
}

}  // namespace

bool ReportQuery::has_place() const {
  return !vcenter.empty() || !cluster.empty() || !host.empty() || !name.empty();
}

bool ReportQuery::lists(model::Verdict verdict) const {
  return std::find(verdicts.begin(), verdicts.end(), verdict) != verdicts.end();
}

bool ReportQuery::is_about_vcenter(const std::string& configured_name) const {
  return matches(vcenter, configured_name);
}

bool ReportQuery::is_about(const model::JudgedGuest& row) const {
  return is_about_vcenter(row.vcenter) && matches(cluster, row.cluster) &&
         matches(host, row.host) && matches(name, row.vm.name);
}

}  // namespace ballast::fleet
