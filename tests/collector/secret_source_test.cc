#include "collector/secret_source.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecretFile {
 public:
  SecretFile(const std::string& text, mode_t mode) {
    path_ = std::filesystem::temp_directory_path() / ("ballast-secret-" + std::to_string(getpid()));
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }
  ~SecretFile() { std::filesystem::remove(path_); }
  [[nodiscard]] SecretSource source() const { return {SecretSource::Kind::kFile, path_.string()}; }

 private:
  std::filesystem::path path_;
};

TEST(ReadSecret, FileGivesItsFirstLine) {
  const SecretFile file("pa ss\r\nsecond\n", 0600);
  EXPECT_EQ(read_secret(file.source()).value().reveal(), "pa ss");
}

TEST(ReadSecret, RefusesAFileThatOthersCanRead) {
  const SecretFile file("hidden", 0644);
  const auto secret = read_secret(file.source());
  ASSERT_FALSE(secret);
  EXPECT_THAT(secret.error().sentence(), HasSubstr("chmod 0600"));
  EXPECT_THAT(secret.error().sentence(), Not(HasSubstr("hidden")));
}

TEST(ReadSecret, EnvironmentVariable) {
  setenv("BALLAST_TEST_SECRET", "from env", 1);
  EXPECT_EQ(read_secret({SecretSource::Kind::kEnvironment, "BALLAST_TEST_SECRET"})->reveal(),
            "from env");
  unsetenv("BALLAST_TEST_SECRET");
  EXPECT_FALSE(read_secret({SecretSource::Kind::kEnvironment, "BALLAST_TEST_SECRET"}));
}

TEST(ReadSecret, CommandRunsInAShell) {
  EXPECT_EQ(read_secret({SecretSource::Kind::kCommand, "echo a | tr a b"})->reveal(), "b");
}

struct BadSource {
  const char* what;
  SecretSource source;
  const char* problem;
};

TEST(ReadSecret, SaysWhatIsWrong) {
  using Kind = SecretSource::Kind;
  const BadSource cases[] = {
      {"no such file", {Kind::kFile, "/nonexistent"}, "No such file"},
      {"a directory", {Kind::kFile, "/tmp"}, "not a regular file"},
      {"failing command", {Kind::kCommand, "echo leaked; exit 3"}, "exited with status 3"},
      {"silent command", {Kind::kCommand, "true"}, "empty password"},
      {"killed command", {Kind::kCommand, "kill -9 $$"}, "ended by a signal"},
      {"nothing configured", {}, "no password is configured"},
  };
  for (const auto& c : cases) {
    const auto secret = read_secret(c.source);
    ASSERT_FALSE(secret) << c.what;
    EXPECT_THAT(secret.error().message, HasSubstr(c.problem)) << c.what;
  }
}

TEST(ReadSecret, EndlessCommandOutputIsCutOff) {
  const auto secret = read_secret({SecretSource::Kind::kCommand, "yes"});
  EXPECT_FALSE(secret) << "a command that ends by SIGPIPE did not give a password";
}

}  // namespace
}  // namespace ballast::collector
