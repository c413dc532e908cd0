// Runs coroutines in tests.
#pragma once

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/async.h"

namespace ballast::testing {

// Runs one coroutine, and what it left behind, to the end and rethrows what it throws.
inline void run(boost::asio::io_context& io, Awaitable<void> task) {
  std::exception_ptr error;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e) { error = e; });
  io.run();
  io.restart();
  if (error) std::rethrow_exception(error);
}

}  // namespace ballast::testing
