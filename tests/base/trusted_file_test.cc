#include "base/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast {
namespace {

using ::testing::HasSubstr;

class TrustedFiles : public ::testing::Test {
 protected:
  TrustedFiles() {
    std::string pattern = ::testing::TempDir() + "ballast-trusted-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~TrustedFiles() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, mode_t mode, const std::string& text = "text") const {
    const auto path = folder_ + "/" + name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  // What is wrong with it; "" if it is read.
  static std::string fault(const std::string& path, bool is_secret = false) {
    const auto text = read_trusted_file({"the file", path, is_secret});
    EXPECT_EQ(text.has_value(), check_trusted_file({"the file", path, is_secret}).has_value());
    if (text) return "";
    EXPECT_EQ(text.error().code, ErrorCode::kConfig);
    EXPECT_THAT(text.error().message, HasSubstr("the file " + path));
    EXPECT_NE(text.error().hint, "") << text.error().message;
    return text.error().sentence();
  }

  std::string folder_;
};

TEST_F(TrustedFiles, AreReadWhole) {
  for (const char* text : {"", "a", "line\nline\n"}) {
    EXPECT_EQ(*read_trusted_file({"the file", file("a", 0644, text)}), text);
  }
  const std::string most(1024 * 1024, 'x');
  EXPECT_EQ(*read_trusted_file({"the file", file("a", 0644, most)}), most);
  EXPECT_THAT(fault(file("a", 0644, most + "x")), HasSubstr("larger than 1 MiB"));
}

TEST_F(TrustedFiles, NobodyElseMayChangeThem) {
  struct Case {
    mode_t mode;
    const char* of_any;  // the fault; "" for none
    const char* of_secret;
  };
  for (const auto& c : {Case{0600, "", ""},
                        {0640, "", ""},
                        {0400, "", ""},
                        {0644, "", "open to every user (mode 0644)"},
                        {0604, "", "open to every user"},
                        {0660, "its group may change it (mode 0660)", "its group may change it"},
                        {0620, "its group may change it", "its group may change it"},
                        {0602, "every user may change it", "open to every user"},
                        {0666, "every user may change it (mode 0666)", "open to every user"}}) {
    const auto path = file("a", c.mode);
    EXPECT_THAT(fault(path), HasSubstr(c.of_any)) << std::oct << c.mode;
    EXPECT_EQ(fault(path).empty(), *c.of_any == '\0') << std::oct << c.mode;
    EXPECT_THAT(fault(path, true), HasSubstr(c.of_secret)) << std::oct << c.mode;
    EXPECT_EQ(fault(path, true).empty(), *c.of_secret == '\0') << std::oct << c.mode;
  }
  EXPECT_THAT(fault(file("a", 0644), true), HasSubstr("Try: chmod 0600 " + folder_ + "/a"));
  EXPECT_THAT(fault(file("a", 0664)), HasSubstr("Try: chmod go-w " + folder_ + "/a"));
}

TEST_F(TrustedFiles, BelongToThisUserOrToRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  const auto path = file("a", 0600);
  EXPECT_EQ(fault(path), "");
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  EXPECT_THAT(fault(path), HasSubstr("it belongs to another user (uid 65534)"));
}

TEST_F(TrustedFiles, AreJudgedBehindTheirLinks) {
  file("open", 0666);
  std::filesystem::create_symlink("open", folder_ + "/link");
  EXPECT_THAT(fault(folder_ + "/link"), HasSubstr("every user may change it"));
}

// A pipe that nobody writes to, and devices without an end: the test would not come back.
TEST_F(TrustedFiles, WhatIsNotAFileIsRefusedAtOnce) {
  const auto pipe = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(fault(pipe), HasSubstr("not a regular file"));
  EXPECT_THAT(fault("/dev/zero"), HasSubstr("not a regular file"));
  EXPECT_THAT(fault(folder_), HasSubstr("it is a folder"));
  EXPECT_THAT(fault(folder_ + "/none"), HasSubstr("No such file or directory. Try: check the"));
}

}  // namespace
}  // namespace ballast
