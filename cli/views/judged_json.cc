#include "cli/views/judged_json.h"

#include <string>

namespace ballast::cli {

using output::Json;

Json json_of_parts(const model::JudgedGuest& guest) {
  Json parts = Json::object();
  if (!guest.guest) return parts;
  for (const auto& part : guest.guest->account.parts) parts[std::string(part.name)] = part.kib;
  return parts;
}

Json json_of_terms(const model::JudgedGuest& guest) {
  if (!guest.guest) return {};
  Json terms = Json::object();
  for (const auto& term : guest.judgement.tolerance) terms[std::string(term.name)] = term.kib;
  return terms;
}

}  // namespace ballast::cli
