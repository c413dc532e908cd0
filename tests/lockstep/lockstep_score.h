// How often the verdict with history is right about synthetic guests, by class.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tests/lockstep/synthetic_guests.h"

namespace ballast::test {

// What docs/VERDICTS.md shows.
inline constexpr int kScoredGuests = 10'000;
inline constexpr std::uint64_t kScoredSeed = 1;

// What is wrong with a judgement; the first that applies.
enum class Mistake { kNone, kVerdict, kProof, kLeakMissed, kLeakInvented, kLeakRate };

[[nodiscard]] std::string_view to_string(Mistake mistake);
[[nodiscard]] Mistake find_mistake(const Truth& truth, const model::Judgement& judgement);

struct KindScore {
  int guests = 0;
  std::array<int, 6> mistakes{};  // by Mistake
  int lockstep = 0;               // verdicts with that proof
  int rates = 0;                  // leaks found where there is one …
  int rates_inside = 0;           // … whose true rate is within the interval
  [[nodiscard]] int right() const { return mistakes[0]; }
};

struct Score {
  std::array<KindScore, kGuestKinds> kinds{};
  [[nodiscard]] KindScore all() const;
  [[nodiscard]] GuestKind worst() const;
};

[[nodiscard]] double percent_right(const KindScore& score);

// As many guests of each class, but for one.
[[nodiscard]] Score score_guests(int guests, std::uint64_t seed);

// In Markdown, a row a class.
[[nodiscard]] std::string score_table(const Score& score);

}  // namespace ballast::test
