// Whatever somebody pastes, through to the account: what `ballast inspect` does with a loose text.
#include "base/text.h"
#include "model/parse/numbers.h"
#include "model/parse/other_tools.h"
#include "model/parse/proc_files.h"
#include "model/parse/toolbox.h"
#include "offline/loose_texts.h"
#include "offline/text/plain_text.h"
#include "offline/text/session.h"
#include "tests/fuzz/account_properties.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

// The text without what may stand between the thousands of a number.
std::string without_separators(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool between = at > 0 && at + 1 < text.size() && model::is_digit(text[at - 1]) &&
                         model::is_digit(text[at + 1]);
    const bool separator = std::string_view(".,' ").find(text[at]) != std::string_view::npos;
    if (!between || !separator) out += text[at];
  }
  return out;
}

// A number that was not in the text would be a wrong verdict.
void check_meminfo(const offline::Piece& piece, const std::string& pasted) {
  for (const auto line : split_lines(piece.text)) {
    auto rest = line;
    (void)model::next_word(rest);
    const auto digits = model::next_word(rest);
    require(pasted.find(digits) != std::string::npos, "a number of meminfo was in the text");
  }
  if (const auto parsed = model::parse_meminfo(piece.text); !parsed) {
    require_presentable(parsed.error());
  }
}

void check_session(const offline::Session& session, std::string_view bytes) {
  const auto pasted = without_separators(offline::plain_text(bytes));
  for (const auto& note : session.notes) require_printable(note, "a note can be shown");
  for (const auto& piece : session.pieces) {
    if (piece.refusal) {
      require_presentable(*piece.refusal);
    } else if (piece.kind == offline::TextKind::kMeminfo) {
      check_meminfo(piece, pasted);
    }
  }
}

void check_tools(std::string_view text) {
  const auto figures = model::read_other_tool(text, text.substr(0, text.find('\n')));
  require(!figures.tool.empty() || (!figures.total_kib && figures.balloons.empty()),
          "figures are of a tool");
  const auto most = figures.missing_at_most_kib.value_or(0);
  require(most >= 0 && most <= model::kMaxNumber, "a bound is a size");
  require(figures.balloons.size() <= 1000, "the number of balloons is bounded");
  for (const auto& balloon : figures.balloons) require(balloon.kib >= 0, "a balloon is a size");
  require(model::parse_toolbox_balloon(text).value_or(0) >= 0, "a balloon is a size");
  require(model::parse_toolbox_resources(text).value_or(0) >= 0, "a balloon is a size");
}

void check_text(std::string_view bytes) {
  auto session = offline::take_apart(bytes);
  check_session(session, bytes);
  check_tools(bytes);
  if (session.pieces.empty()) return;
  offline::LooseTexts texts;
  texts.add("pasted", std::move(session));
  offline::Inputs inputs;
  texts.finish(inputs);
  require(texts.empty(), "everything was taken out");
  for (const auto& failure : inputs.failures) require_presentable(failure);
  for (const auto& note : inputs.notes) require_printable(note, "a note can be shown");
  for (const auto& sample : inputs.samples) {
    for (const auto& note : sample.notes) require_printable(note, "a note can be shown");
    check_account_and_verdicts(sample.reading);
  }
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ballast::fuzz::check_text(ballast::fuzz::text_of(data, size));
  return 0;
}
