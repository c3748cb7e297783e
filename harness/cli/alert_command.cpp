#include "harness/cli/alert_command.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

namespace wan::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Ours, and `variables` in place of what has their names.
std::vector<std::string> environment_with(const EnvironmentVariables& variables) {
  std::vector<std::string> all;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    bool replaced = false;
    for (const auto& [name, value] : variables) replaced = replaced || text.starts_with(name + "=");
    if (!replaced) all.emplace_back(text);
  }
  // A reason may be long and a value must not hold the byte that ends it.
  for (const auto& [name, value] : variables) all.push_back(fmt::format("{}={}", name, value.substr(0, value.find('\0'))));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

struct Attributes {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  Attributes() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    // A group of its own, so that a limit reaches whatever it started.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes, 0);
  }
  ~Attributes() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  Attributes(const Attributes&) = delete;  // destroyed once
  Attributes& operator=(const Attributes&) = delete;
};

std::string describe(int status) {
  if (WIFSIGNALED(status)) return fmt::format("it was ended by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : fmt::format("it exited with {}", WEXITSTATUS(status));
}

}  // namespace

std::string run_alert_command(const std::string& command, const EnvironmentVariables& variables, double limit_s) {
  std::vector<std::string> words{"sh", "-c", command}, environment = environment_with(variables);
  const Attributes attributes;
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, "sh", &attributes.actions, &attributes.attributes, pointers(words).data(), pointers(environment).data());
  if (error != 0) return fmt::format("it cannot be started: {}", std::generic_category().message(error));
  const auto end = Clock::now() + std::chrono::duration<double>(limit_s);
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return describe(status);
    if (ended < 0 && errno != EINTR) return fmt::format("its end cannot be seen: {}", std::generic_category().message(errno));
    if (Clock::now() > end) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::kill(-child, SIGKILL);
  ::waitpid(child, &status, 0);
  return fmt::format("it took longer than {:.4g} s and was killed", limit_s);
}

}  // namespace wan::cli
