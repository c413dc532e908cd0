#include "cli/reasoning.h"
#include "cli/report.h"
#include "cli/vm_output.h"

namespace ballast::cli {

std::string verdict_sentence(const storage::VmRow& row) {
  return sentence_of(row.judgement, shown_balloon(row).value_or(0), "vCenter");
}

}  // namespace ballast::cli
