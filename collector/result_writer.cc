#include "collector/result_writer.h"

#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>

namespace ballast::collector {

Awaitable<void> ResultWriter::add(model::JudgedGuest result) {
  if (error_) co_return;
  gathered_.push_back(std::move(result));
  if (is_urgent_ || gathered_.size() >= batch_) co_await write_due();
}

Awaitable<void> ResultWriter::add_at_once(model::JudgedGuest result) {
  is_urgent_ = true;
  co_await add(std::move(result));
}

Awaitable<void> ResultWriter::add_at_once(model::LoginSetback setback) {
  if (error_) co_return;
  setbacks_.push_back(std::move(setback));
  co_await write_due();
}

Awaitable<void> ResultWriter::flush() {
  is_urgent_ = !gathered_.empty();
  co_await write_all_due();
}

Awaitable<void> ResultWriter::write_due() {
  // In a task of its own that cannot be cancelled: a batch interrupted half-way would be lost.
  auto writing = write_all_due();
  co_await run_uncancelled(std::move(writing));
}

Awaitable<void> ResultWriter::write_all_due() {
  // Whoever is writing also takes what was added meanwhile, so the store gets one call at a time.
  if (writing_) co_return;
  writing_ = true;
  while (!error_) {
    // Setbacks first: a crash must not make a login be tried once too often.
    if (!setbacks_.empty()) {
      co_await write_setback();
    } else if (is_urgent_ || gathered_.size() >= batch_) {
      co_await write_gathered();
    } else {
      break;
    }
  }
  writing_ = false;
}

Awaitable<void> ResultWriter::write_gathered() {
  is_urgent_ = false;
  auto batch = std::exchange(gathered_, {});
  Status written;
  try {
    written = co_await store_.write_results(scan_, std::move(batch));
  } catch (...) {
    written = fail(unexpected(std::current_exception(), "storing results"));
  }
  note(std::move(written));
}

Awaitable<void> ResultWriter::write_setback() {
  auto setback = std::move(setbacks_.front());
  setbacks_.erase(setbacks_.begin());
  Status written;
  try {
    written = co_await store_.write_login_setback(scan_, std::move(setback));
  } catch (...) {
    written = fail(unexpected(std::current_exception(), "storing a refused login"));
  }
  note(std::move(written));
}

void ResultWriter::note(Status written) {
  if (!written && !error_) error_ = std::move(written.error());
}

}  // namespace ballast::collector
