#include "collector/config/secret_source.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
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

TEST(ReadSecret, TokensAndKeysAreWholeTexts) {
  const std::string text = "<a>\n" + std::string(100'000, 'x') + "\n</a>\n";
  const SecretFile file(text, 0600);
  EXPECT_EQ(read_secret(file.source(), SecretForm::kToken).value().reveal(), text);
  const SecretSource command{SecretSource::Kind::kCommand, "cat " + file.source().value};
  EXPECT_EQ(read_secret(command, SecretForm::kToken).value().reveal(), text);
  const auto too_much =
      read_secret({SecretSource::Kind::kCommand, "yes | head -c 300000"}, SecretForm::kToken);
  ASSERT_FALSE(too_much);
  EXPECT_THAT(too_much.error().message, HasSubstr("token command `yes | head -c 300000` printed"));
  const SecretFile open_to_all(text, 0644);
  const auto refused = read_secret(open_to_all.source(), SecretForm::kKey);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("key file "));
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

TEST(ReadSecret, CommandSeesNoPasswordsOfOthers) {
  setenv("BALLAST_TEST_SECRET", "other", 1);
  setenv("BALLAST_TEST_SECRET_FILE", "kept", 1);
  const SecretSource source{SecretSource::Kind::kCommand,
                            "echo ${BALLAST_TEST_SECRET-unset} ${BALLAST_TEST_SECRET_FILE-unset}",
                            {"BALLAST_TEST_SECRET"}};
  EXPECT_EQ(read_secret(source)->reveal(), "unset kept");
  unsetenv("BALLAST_TEST_SECRET");
  unsetenv("BALLAST_TEST_SECRET_FILE");
}

TEST(ReadSecret, CommandGetsSignalsAsAShellExpectsThem) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto handler = signal(SIGPIPE, SIG_IGN);
  const auto masks = read_secret(
      {SecretSource::Kind::kCommand,
       "awk '/^Sig(Blk|Ign)/ { all = all $2 \" \" } END { print all }' /proc/self/status"});
  signal(SIGPIPE, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(masks) << masks.error().message;
  std::size_t blocked_length = 0;
  const auto has = [](std::uint64_t mask, int number) { return (mask >> (number - 1) & 1) != 0; };
  const auto is_blocked = std::stoull(masks->reveal(), &blocked_length, 16);
  const auto is_ignored = std::stoull(masks->reveal().substr(blocked_length), nullptr, 16);
  EXPECT_FALSE(has(is_blocked, SIGTERM)) << "a command that cannot be ended";
  EXPECT_FALSE(has(is_ignored, SIGPIPE)) << "a command that does not notice a closed pipe";
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
      {"a directory", {Kind::kFile, "/tmp"}, "it is a folder"},
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

// A file that is moved into place keeps the time at which it was written.
TEST(ChangedAt, IsWhenTheFileCameToBeThere) {
  const auto before = now_utc();
  const SecretFile file("x", 0600);
  std::filesystem::last_write_time(
      file.source().value, std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  const auto changed = changed_at(file.source());
  ASSERT_TRUE(changed);
  EXPECT_LT(std::chrono::abs(*changed - before), std::chrono::minutes(1));
  EXPECT_FALSE(changed_at({SecretSource::Kind::kFile, "/nonexistent"}));
  EXPECT_FALSE(changed_at({SecretSource::Kind::kEnvironment, "HOME"}));
}

}  // namespace
}  // namespace ballast::collector
