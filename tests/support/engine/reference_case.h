// The reference cases of tests/data/cases: a tiny pipeline's configs and what diffusers made of it, with weights that follow from a seed.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace wan::test {

// Folders of the committed cases, then of those that a run of make_cases.py put into <build tree>/cases.
std::vector<std::filesystem::path> reference_cases();

struct ReferenceCase {
  explicit ReferenceCase(const std::filesystem::path& folder);
  ~ReferenceCase();  // removes the checkpoint
  ReferenceCase(const ReferenceCase&) = delete;
  ReferenceCase& operator=(const ReferenceCase&) = delete;

  const nlohmann::json& arguments() const { return *arguments_; }
  std::filesystem::path expected;    // the safetensors file of inputs and results
  std::filesystem::path checkpoint;  // written anew: configs, tokenizer, weights

 private:
  std::unique_ptr<nlohmann::json> arguments_;
};

}  // namespace wan::test
