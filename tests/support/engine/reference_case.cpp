#include "tests/support/engine/reference_case.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/random_checkpoint.h"

namespace wan::test {
namespace {

nlohmann::json read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

void write(const std::filesystem::path& file, const nlohmann::json& document) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << document.dump();
}

}  // namespace

std::vector<std::filesystem::path> reference_cases() {
  std::vector<std::filesystem::path> found;
  for (const std::filesystem::path& root :
       {std::filesystem::path(WAN_TEST_DATA) / "cases", std::filesystem::path(WAN_BINARY_DIR) / "cases"}) {
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(root))
      if (std::filesystem::exists(entry.path() / "case.json")) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

ReferenceCase::ReferenceCase(const std::filesystem::path& folder)
    : expected(folder / "expected.safetensors"),
      checkpoint(std::filesystem::path(::testing::TempDir()) / ("case_" + folder.filename().string() + "_" + std::to_string(::getpid()))),
      arguments_(std::make_unique<nlohmann::json>(read(folder / "case.json"))) {
  for (const auto& [name, document] : arguments_->at("files").items()) write(checkpoint / name, document);
  auto tokenizer = read(std::filesystem::path(WAN_TEST_DATA) / "text" / arguments_->at("tokenizer").get<std::string>());
  if (!arguments_->at("post_processor").get<bool>()) tokenizer["post_processor"] = nullptr;
  write(checkpoint / "tokenizer" / "tokenizer.json", tokenizer);
  write_random_weights(checkpoint, arguments_->at("seed").get<std::uint64_t>());
}

ReferenceCase::~ReferenceCase() {
  std::error_code ignored;
  std::filesystem::remove_all(checkpoint, ignored);
}

}  // namespace wan::test
