#include "model/inventory.h"

namespace ballast::model {

std::string_view to_string(PowerState state) {
  switch (state) {
    case PowerState::kPoweredOn: return "powered on";
    case PowerState::kPoweredOff: return "powered off";
    case PowerState::kSuspended: return "suspended";
    case PowerState::kUnknown: break;
  }
  return "unknown";
}

std::string_view to_string(ToolsState state) {
  switch (state) {
    case ToolsState::kRunning: return "running";
    case ToolsState::kNotRunning: return "not running";
    case ToolsState::kExecutingScripts: return "executing scripts";
    case ToolsState::kUnknown: break;
  }
  return "unknown";
}

}  // namespace ballast::model
