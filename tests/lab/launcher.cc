#include "tests/lab/launcher.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include <spawn.h>

namespace ballast::lab {

namespace {

using namespace std::chrono_literals;

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "ballast-lab-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

int start(const std::filesystem::path& root, const LabOptions& options) {
  std::vector<std::string> words = {
      BALLAST_LAB_PROGRAM,  "-scenario", (root / "scenario.json").string(), "-captures",
      BALLAST_LAB_CAPTURES, "-state",    (root / "state").string(),         "-lifetime",
      options.lifetime};
  if (options.plain) words.push_back("-plain");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = (root / "ready.json").string();
  const std::string err = (root / "log").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, BALLAST_LAB_PROGRAM, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " BALLAST_LAB_PROGRAM);
  return pid;
}

// Whether the process ended within `limit`.
bool ended_within(int pid, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (waitpid(pid, nullptr, WNOHANG) != 0) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

class Socket {
 public:
  Socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// Sends an HTTP/1.0 request to "127.0.0.1:port", and returns all that comes back. By hand, because a
// library for it would be most of what the tests' compiler reads here.
std::string ask_control(const std::string& authority, std::string_view message) {
  const auto colon = authority.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(authority.substr(colon + 1))));
  const Socket socket;
  if (inet_pton(AF_INET, authority.substr(0, colon).c_str(), &address.sin_addr) != 1 ||
      connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("the lab's control endpoint cannot be reached: " + authority);
  }
  while (!message.empty()) {
    const auto sent = send(socket.fd(), message.data(), message.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the lab's control endpoint broke off: " + authority);
    message.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  std::array<char, 65536> piece{};
  ssize_t got = 0;
  while ((got = recv(socket.fd(), piece.data(), piece.size(), 0)) > 0) {
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

}  // namespace

Lab::Lab(const nlohmann::json& scenario, const LabOptions& options) : root_(make_folder()) {
  std::filesystem::create_directory(root_ / "state");
  std::ofstream(root_ / "scenario.json") << scenario.dump(2);
  pid_ = start(root_, options);
  wait_until_ready();
}

Lab::~Lab() {
  kill(pid_, SIGTERM);
  if (!ended_within(pid_, 10s)) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove_all(root_);
}

void Lab::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  std::string line;
  while (!line.ends_with('\n')) {
    std::this_thread::sleep_for(10ms);
    line = slurp(root_ / "ready.json");
    const bool ended = waitpid(pid_, nullptr, WNOHANG) != 0;
    if (ended || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("the lab vCenter did not start: " + slurp(root_ / "log"));
    }
  }
  const auto json = nlohmann::json::parse(line);
  ready_ = {json.at("url"),
            json.at("ca_file"),
            json.at("client_cert_file"),
            json.at("client_key_file"),
            json.at("thumbprint_sha256"),
            json.at("username"),
            json.at("password"),
            json.at("guest_username"),
            json.at("guest_password"),
            json.at("control_url")};
}

std::string Lab::request(const std::string& method, const std::string& target,
                         const std::string& body) const {
  const std::string authority = ready_.control_url.substr(std::string("http://").size());
  const std::string answer = ask_control(
      authority, method + " " + target + " HTTP/1.0\r\n" + "Host: " + authority +
                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto end = answer.find("\r\n\r\n");  // of the head: "HTTP/1.0 200 OK", …
  const auto status = answer.find(' ');
  if (end == std::string::npos || status > end || answer[status + 1] != '2') {
    throw std::runtime_error("the lab refused " + method + " " + target + ": " + answer);
  }
  return answer.substr(end + 4);
}

nlohmann::json Lab::get(const std::string& target) const {
  return nlohmann::json::parse(request("GET", target, ""));
}

void Lab::post(const std::string& target, const nlohmann::json& body) const {
  request("POST", target, body.dump());
}

}  // namespace ballast::lab
