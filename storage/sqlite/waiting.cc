#include "storage/sqlite/waiting.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/text.h"
#include "storage/sqlite/lock_holder.h"

namespace ballast::storage {
namespace {

constexpr std::chrono::milliseconds kPause{10};
constexpr int kInstructions = 1'000'000;  // of SQLite's machine, some 10 ms, between two looks

}  // namespace

Waiting::Waiting(SQLite::Database& db, std::string path, OpenOptions options)
    : db_(db), path_(std::move(path)), options_(std::move(options)) {
  sqlite3_busy_handler(db_.getHandle(), &on_busy, this);
}

Waiting::~Waiting() {
  sqlite3_busy_handler(db_.getHandle(), nullptr, nullptr);
  sqlite3_progress_handler(db_.getHandle(), 0, nullptr, nullptr);
}

std::chrono::milliseconds Waiting::limit() const {
  switch (patience_) {
    case Patience::kNone:
      return std::chrono::milliseconds(0);
    case Patience::kOfScan:
      if (options_.hurry && *options_.hurry) break;
      return std::max(options_.scan_patience, options_.busy_timeout);
    case Patience::kUsual:
      break;
  }
  return options_.busy_timeout;
}

int Waiting::on_busy(void* self, int count) {
  return static_cast<Waiting*>(self)->wait_again(count) ? 1 : 0;
}

bool Waiting::wait_again(int count) {
  const auto now = Clock::now();
  if (count == 0) {
    busy_since_ = now;
    told_ = false;
  }
  const auto waited = now - busy_since_;
  if (waited >= limit()) return false;
  if (!told_ && waited >= options_.busy_timeout && options_.on_wait) {
    told_ = true;
    const std::string holder = lock_holder(path_);
    options_.on_wait(fmt::format("{} holds the lock of the database {}: waiting for it",
                                 holder.empty() ? "another process" : holder, printable(path_)));
  }
  std::this_thread::sleep_for(kPause);
  return true;
}

void Waiting::expect_rows(std::chrono::milliseconds longest) {
  longest_ = longest;
  begin();
  sqlite3_progress_handler(db_.getHandle(), kInstructions, &on_progress, this);
}

void Waiting::begin() {
  rows_seen_ = rows_given;
  row_seen_at_ = Clock::now();
}

int Waiting::on_progress(void* self) {
  auto& waiting = *static_cast<Waiting*>(self);
  if (waiting.rows_seen_ != rows_given) waiting.begin();
  return Clock::now() - waiting.row_seen_at_ > waiting.longest_ ? 1 : 0;
}

}  // namespace ballast::storage
