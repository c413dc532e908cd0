// A client of the lab vCenter on the test's own thread.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <nlohmann/json.hpp>

#include "base/async.h"
#include "base/result.h"
#include "tests/lab/launcher.h"
#include "vsphere/client.h"

namespace ballast::vsphere::test {

using nlohmann::json;

// The value, or an exception with the error's sentence, which fails the test.
template <class T>
T unwrap(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().sentence());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class ClientBench {
 public:
  explicit ClientBench(const json& scenario, const lab::LabOptions& options = {.plain = true})
      : lab_(scenario, options) {}
  ~ClientBench() { disconnect(); }

  [[nodiscard]] const lab::Lab& lab() const { return lab_; }
  [[nodiscard]] json stats() const { return lab_.get("/stats"); }
  // How often the server was asked for `method` so far.
  [[nodiscard]] int calls(const std::string& method) const {
    return stats()["methods"].value(method, 0);
  }

  // Lets the client work until the server was asked for `method` that often.
  void wait_for_calls(const std::string& method, int count) {
    while (calls(method) < count) sync(sleep_for(std::chrono::milliseconds(5)));
  }

  // What connects to this lab; tests change it before make().
  [[nodiscard]] ClientOptions options() const {
    ClientOptions out;
    out.name = "lab";
    out.url = lab_.ready().url;
    out.username = lab_.ready().username;
    out.password = Secret(lab_.ready().password);
    out.trust.ca_file = lab_.ready().ca_file;
    return out;
  }

  Client& make(ClientOptions options) {
    disconnect();
    client_ = unwrap(Client::create(io_.get_executor(), pool_, std::move(options)));
    return *client_;
  }

  // Made and connected.
  Client& connect(ClientOptions options) {
    make(std::move(options));
    unwrap(sync(client_->connect()));
    return *client_;
  }
  Client& connect() { return connect(options()); }

  void disconnect() {
    if (client_ != nullptr) sync(client_->disconnect());
    client_.reset();
  }

  // Runs the loop until `task` has ended, and no longer: what else goes on stays where it is.
  template <class T>
  T sync(Awaitable<T> task) {
    std::optional<T> out;
    std::exception_ptr thrown;
    bool done = false;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T value) {
      thrown = error;
      out.emplace(std::move(value));
      done = true;
    });
    run_until(done);
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*out);
  }

  void sync(Awaitable<void> task) {
    std::exception_ptr thrown;
    bool done = false;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error) {
      thrown = error;
      done = true;
    });
    run_until(done);
    if (thrown) std::rethrow_exception(thrown);
  }

  // Every page to the end; the listing is closed in any case.
  Result<std::vector<model::VmView>> all_vms(Client& client) {
    auto listing = unwrap(sync(client.list_vms()));
    std::vector<model::VmView> out;
    std::optional<Error> error;
    while (!error) {
      auto page = sync(listing->next());
      if (!page) {
        error = page.error();
      } else if (page->empty()) {
        break;
      } else {
        std::move(page->begin(), page->end(), std::back_inserter(out));
      }
    }
    sync(listing->close());
    if (error) return fail(*error);
    return out;
  }

  boost::asio::io_context& io() { return io_; }

 private:
  void run_until(const bool& done) {
    io_.restart();
    while (!done) io_.run_one();
  }

  lab::Lab lab_;
  boost::asio::io_context io_;
  boost::asio::thread_pool pool_{1};
  std::unique_ptr<Client> client_;
};

}  // namespace ballast::vsphere::test
