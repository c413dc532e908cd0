#include "collector/result_writer.h"

#include <utility>

namespace ballast::collector {

Awaitable<void> ResultWriter::add(model::VmResult result) {
  if (error_) co_return;
  gathered_.push_back(std::move(result));
  if (gathered_.size() >= batch_ && !writing_) co_await write_gathered();
}

Awaitable<void> ResultWriter::flush() {
  if (!error_ && !gathered_.empty()) co_await write_gathered();
}

Awaitable<void> ResultWriter::write_gathered() {
  writing_ = true;
  auto batch = std::exchange(gathered_, {});
  auto written = co_await store_.write_results(scan_, std::move(batch));
  if (!written && !error_) error_ = std::move(written.error());
  writing_ = false;
}

}  // namespace ballast::collector
