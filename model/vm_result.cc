#include "model/vm_result.h"

namespace ballast::model {

std::string_view to_string(ScanStatus status) {
  switch (status) {
    case ScanStatus::kRunning:
      return "running";
    case ScanStatus::kComplete:
      return "complete";
    case ScanStatus::kPartial:
      return "partial";
    case ScanStatus::kFailed:
      break;
  }
  return "failed";
}

}  // namespace ballast::model
