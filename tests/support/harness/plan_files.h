// A build's catalogue and a suites folder made up for tests of harness/plan, so that they need neither engine nor the shipped files.
#pragma once

#include <filesystem>
#include <string>

#include "harness/plan/parse.h"

namespace wan::testing {

// The ids and parameters of the real catalogue, without an engine.
plan::Known fake_known();

// A suites folder of its own, removed at the end. Starts with a small tier 0 (bf16, bf16_twin, phase0), tier 2 and the suite `small`.
class SuitesSandbox {
 public:
  SuitesSandbox();
  ~SuitesSandbox();
  SuitesSandbox(const SuitesSandbox&) = delete;  // it removes the folder

  const std::filesystem::path& root() const { return root_; }
  // Returns the path of the written file.
  std::filesystem::path write(const std::string& name, const std::string& text) const;
  plan::RunInputs inputs() const { return {.suites_dir = root_}; }

 private:
  std::filesystem::path root_;
};

// The text of the UsageError that `call` throws, with every `root/` removed; "" if it throws none.
template <typename Call>
std::string usage_error(const std::filesystem::path& root, const Call& call);

std::string without_root(const std::filesystem::path& root, std::string text);

}  // namespace wan::testing

#include "engine/base/error.h"

template <typename Call>
std::string wan::testing::usage_error(const std::filesystem::path& root, const Call& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return without_root(root, error.what());
  }
  return "";
}
