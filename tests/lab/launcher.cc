#include "tests/lab/launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <spawn.h>

namespace ballast::lab {

namespace {

using namespace std::chrono_literals;
namespace http = boost::beast::http;

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
  const auto colon = authority.rfind(':');
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address(authority.substr(0, colon)),
                  static_cast<std::uint16_t>(std::stoi(authority.substr(colon + 1)))});
  http::request<http::string_body> message(http::string_to_verb(method), target, 11);
  message.set(http::field::host, authority);
  message.body() = body;
  message.prepare_payload();
  http::write(socket, message);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  if (response.result_int() / 100 != 2) {
    throw std::runtime_error("the lab refused " + method + " " + target + ": " + response.body());
  }
  return response.body();
}

nlohmann::json Lab::get(const std::string& target) const {
  return nlohmann::json::parse(request("GET", target, ""));
}

void Lab::post(const std::string& target, const nlohmann::json& body) const {
  request("POST", target, body.dump());
}

}  // namespace ballast::lab
