#include "tests/hub/cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include "hub/schema.h"

namespace ballast::hub {
namespace {

namespace fs = std::filesystem;

std::string program(const std::string& name) {
  std::string newest;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
    const auto path = version.path() / "bin" / name;
    if (fs::exists(path)) newest = std::max(newest, path.string());
  }
  return newest;
}

const passwd* user_without_rights() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

// Starts a program as a user without rights, its output into a file.
pid_t start_program(std::vector<std::string> words, const std::string& log) {
  const passwd* user = user_without_rights();
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr) {
    if (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
      _exit(126);
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir("/") != 0) _exit(126);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  setenv("LC_ALL", "C.UTF-8", 1);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Cluster::Cluster(bool durable) : durable_(durable) {
  std::string name = (fs::temp_directory_path() / "ballast-hub-XXXXXX").string();
  folder_ = mkdtemp(name.data());
  fs::permissions(folder_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  if (const passwd* user = user_without_rights()) {
    if (chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) std::abort();
  }
  const pid_t made =
      start_program({program("initdb"), "-D", folder_ + "/data", "-U", "boss", "-A", "trust", "-E",
                     "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync"},
                    folder_ + "/initdb.log");
  int status = 0;
  waitpid(made, &status, 0);
  EXPECT_EQ(status, 0) << std::ifstream(folder_ + "/initdb.log").rdbuf();
  start();
}

Cluster::~Cluster() {
  if (server_ > 0) stop(SIGINT);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Cluster::start() {
  server_ = start_program(
      {program("postgres"), "-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=", "-c",
       "shared_buffers=64MB", "-c", std::string("fsync=") + (durable_ ? "on" : "off"), "-c",
       "max_wal_size=2GB", "-c", "max_connections=40"},
      folder_ + "/server.log");
  for (int i = 0; i < 600; ++i) {
    if (auto hub = Connection::open(settings())) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ADD_FAILURE() << std::ifstream(folder_ + "/server.log").rdbuf();
  std::abort();
}

void Cluster::stop(int signal) {
  kill(server_, signal);
  int status = 0;
  waitpid(server_, &status, 0);
  server_ = 0;
}

void Cluster::crash(int signal) {
  stop(signal);
  // Its other processes end when they notice.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

void Cluster::write_settings(const std::string& lines) {
  std::ofstream(folder_ + "/data/postgresql.auto.conf", std::ios::app) << lines << '\n';
  kill(server_, SIGHUP);
}

Settings Cluster::settings(const std::string& user, const std::string& database) const {
  Settings settings;
  settings.url = fmt::format("host={} user={} dbname={}", folder_, user, database);
  settings.answer_timeout = std::chrono::seconds(60);
  return settings;
}

Connection connect(const Cluster& cluster, const std::string& user) {
  return sure(Connection::open(cluster.settings(user)));
}

std::int64_t ask(Connection& hub, const std::string& sql) {
  return sure(hub.query("asking", sql)).integer(0, 0);
}
std::string ask_text(Connection& hub, const std::string& sql) {
  return std::string(sure(hub.query("asking", sql)).text(0, 0));
}
void tell(Connection& hub, const std::string& sql) { sure(hub.run_script("telling", sql)); }

HubTest::HubTest() : boss_(connect(cluster_)) {
  sure(init(boss_));
  tell(boss_,
       "CREATE USER writer; GRANT ballast_writer TO writer; CREATE USER reader; "
       "GRANT ballast_reader TO reader");
}

}  // namespace ballast::hub
