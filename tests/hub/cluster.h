// A PostgreSQL of the test's own: in a temporary folder, on a socket there, run by a user without
// rights. It ends with the test, however that ends.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "hub/connection.h"

namespace ballast::hub {

class Cluster {
 public:
  // Makes a cluster and starts it. With `durable` it keeps what it was told through a crash of the
  // machine; without, it is faster.
  explicit Cluster(bool durable = false);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void start();
  // Stops it as `pg_ctl stop -m immediate`: in the middle of whatever it does. Or by SIGKILL.
  void crash(int signal);
  void write_settings(const std::string& lines);

  [[nodiscard]] Settings settings(const std::string& user = "boss",
                                  const std::string& database = "postgres") const;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  void stop(int signal);
  std::string folder_;
  bool durable_;
  pid_t server_ = 0;
};

// The value; a failure and the end of the test program if there is none.
template <class T>
T sure(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().sentence();
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A connection as this user.
[[nodiscard]] Connection connect(const Cluster& cluster, const std::string& user = "boss");
// The first column of the first row.
[[nodiscard]] std::int64_t ask(Connection& hub, const std::string& sql);
[[nodiscard]] std::string ask_text(Connection& hub, const std::string& sql);
void tell(Connection& hub, const std::string& sql);

// A cluster with the schema, and users writer, reader.
class HubTest : public ::testing::Test {
 protected:
  HubTest();
  Cluster cluster_;
  Connection boss_;
};

}  // namespace ballast::hub
