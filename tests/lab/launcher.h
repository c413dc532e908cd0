// Starts the lab vCenter for one test and stops it, by pid, at the end. See README.md for what the
// scenario may say and what the control endpoint answers.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace ballast::lab {

struct LabOptions {
  bool plain = false;  // HTTP instead of TLS
  std::string lifetime = "10m";
};

// What the lab says when it is ready.
struct LabReady {
  std::string url;  // "https://127.0.0.1:PORT/sdk"
  std::string ca_file;
  std::string client_cert_file;  // "" unless the scenario asks for client certificates
  std::string client_key_file;
  std::string thumbprint_sha256;
  std::string username;
  std::string password;
  std::string guest_username;
  std::string guest_password;
  std::string control_url;
};

class Lab {
 public:
  // Blocks until the lab is ready; throws std::runtime_error with the lab's own words if it does
  // not get there within a minute.
  explicit Lab(const nlohmann::json& scenario, const LabOptions& options = {});
  ~Lab();  // SIGTERM, then SIGKILL after 10 s; waits for its end and removes its state
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  [[nodiscard]] const LabReady& ready() const { return ready_; }
  // The root file system of a guest whose VM has a plain name; it is made when it is first needed.
  [[nodiscard]] std::filesystem::path guest_root(const std::string& vm) const {
    return root_ / "state" / "guests" / vm;
  }

  // The control endpoint: "/stats", "/truth"; "/faults", "/guest?name=…" and "/clock" take a body.
  [[nodiscard]] nlohmann::json get(const std::string& target) const;
  void post(const std::string& target, const nlohmann::json& body) const;

 private:
  std::string request(const std::string& method, const std::string& target,
                      const std::string& body) const;
  void wait_until_ready();

  std::filesystem::path root_;
  int pid_ = -1;
  LabReady ready_;
};

}  // namespace ballast::lab
