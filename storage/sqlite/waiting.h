// Private to storage/: how long a connection waits: for another process's lock, and for a row.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/options.h"

namespace ballast::storage {

// How many rows the statements of this thread have given, so that a query without an end is noticed.
inline thread_local std::uint64_t rows_given = 0;

// How long a reader waits for a row: much longer than any query of ballast's takes, and not for ever.
inline constexpr std::chrono::minutes kLongestQuery{1};

// Sits on one connection, which it must not outlive; is not moved once it sits there.
class Waiting {
 public:
  Waiting(SQLite::Database& db, std::string path, OpenOptions options);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  enum class Patience { kNone, kUsual, kOfScan };
  // Sets the patience for as long as it lives.
  class [[nodiscard]] With {
   public:
    With(Waiting& waiting, Patience patience) : waiting_(waiting) { waiting_.patience_ = patience; }
    ~With() { waiting_.patience_ = Patience::kUsual; }
    With(const With&) = delete;
    With& operator=(const With&) = delete;

   private:
    Waiting& waiting_;
  };
  // From now on a statement that gives no row for `longest` is interrupted.
  void expect_rows(std::chrono::milliseconds longest);
  // To be called before statements after a pause.
  void begin();

 private:
  using Clock = std::chrono::steady_clock;
  static int on_busy(void* self, int count);
  static int on_progress(void* self);
  [[nodiscard]] std::chrono::milliseconds limit() const;
  bool wait_again(int count);

  SQLite::Database& db_;
  std::string path_;
  OpenOptions options_;
  Patience patience_ = Patience::kUsual;
  Clock::time_point busy_since_{};
  bool told_ = false;
  std::chrono::milliseconds longest_{0};
  std::uint64_t rows_seen_ = 0;
  Clock::time_point row_seen_at_{};
};

}  // namespace ballast::storage
