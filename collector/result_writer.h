// Gathers the results of one scan and hands them to the store in batches, one call after the other.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "collector/ports/sample_store.h"

namespace ballast::collector {

class ResultWriter {
 public:
  // `store` must outlive the writer. Used from one thread; many tasks may call add() at once.
  ResultWriter(SampleStore& store, ScanId scan, std::size_t batch)
      : store_(store), scan_(scan), batch_(batch) {}

  // Keeps the result, and writes a batch if one is full and no other is being written. A failure, or
  // an exception of the store, is remembered, see error(); after one, results are dropped.
  Awaitable<void> add(model::JudgedGuest result);
  // Writes what a crash must not forget, as soon as no other call is under way.
  Awaitable<void> add_at_once(model::JudgedGuest result);
  Awaitable<void> add_at_once(model::LoginSetback setback);
  // Writes what is left. Must be the last call, with no add() under way.
  Awaitable<void> flush();

  // Returns the first failure of the store.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  Awaitable<void> write_due();
  Awaitable<void> write_all_due();
  Awaitable<void> write_gathered();
  Awaitable<void> write_setback();
  void note(Status written);

  SampleStore& store_;
  ScanId scan_;
  std::size_t batch_;
  std::vector<model::JudgedGuest> gathered_;
  std::vector<model::LoginSetback> setbacks_;
  bool is_urgent_ = false;  // one of those gathered cannot wait for a full batch
  bool writing_ = false;
  std::optional<Error> error_;
};

}  // namespace ballast::collector
