#include "tests/support/harness/plan_files.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace wan::testing {
namespace {

constexpr const char* kTier0 = R"(schema = 1
id = "0"
title = "Baselines"
[[configuration]]
id = "bf16"
[[configuration]]
id = "bf16_twin"
optimizations = ["bf16_twin"]
[[configuration]]
id = "phase0"
optimizations = ["fa2", "tf32"]
benefit = "speed"
speed_baseline = "bf16"
)";

constexpr const char* kTier2 = R"(schema = 1
id = "2"
title = "Quantisation"
base = "phase0"
[[configuration]]
id = "fp8_ffn"
optimizations = [{ id = "fp8_linear", scope = "ffn" }, "nan_guard"]
benefit = "speed"
[[configuration]]
id = "int8"
optimizations = ["int8_linear"]
benefit = "memory"
)";

constexpr const char* kSuite = R"(schema = 1
id = "small"
seeds = [42, 123]
[[prompt]]
id = "cat"
category = "simple"
text = "A cat"
[[prompt]]
id = "street"
category = "lighting"
text = "A street"
)";

}  // namespace

plan::Known fake_known() {
  const auto text = [](const char* name, std::vector<std::string> choices) {
    ParameterInfo info{.name = name, .help = {}, .default_value = choices.front()};
    info.choices = std::move(choices);
    return info;
  };
  plan::Known known;
  known.optimizations = {
      {.id = "bf16_twin", .summary = {}, .seams = {"pack_linear"}, .wraps = true},
      {.id = "direct_load", .summary = {}},
      {.id = "fa2", .summary = {}, .seams = {"attention"}},
      {.id = "fp8_linear",
       .summary = {},
       .parameters = {text("scope", {"ffn", "ffn_cross", "full"}), text("granularity", {"per_tensor", "per_channel"})},
       .seams = {"pack_linear", "project"},
       .wraps = true},
      {.id = "int8_linear",
       .summary = {},
       .parameters = {text("scope", {"all", "blocks", "rest"}),
                      text("activations", {"none", "int8"}),
                      {.name = "convolutions", .help = {}, .default_value = false}},
       .seams = {"pack_linear", "project"},
       .wraps = true},
      {.id = "math_attention", .summary = {}, .seams = {"attention"}},
      {.id = "nan_guard", .summary = {}},
      {.id = "offload_model", .summary = {}},
      {.id = "reduce_overhead", .summary = {}},
      {.id = "t5_cpu", .summary = {}},
      {.id = "tf32", .summary = {}},
      {.id = "vae_tiling",
       .summary = {},
       .parameters = {{.name = "tile", .help = {}, .default_value = std::int64_t{32}, .minimum = 8, .maximum = 256},
                      {.name = "blend", .help = {}, .default_value = 0.5}},
       .seams = {"decode"}},
  };
  known.metrics = {{.id = "mse", .summary = {}}, {.id = "psnr", .summary = {}, .scores = {"psnr.pooled", "psnr.mean"}}};
  return known;
}

SuitesSandbox::SuitesSandbox() {
  std::string pattern = (std::filesystem::temp_directory_path() / "wan_plan_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  root_ = pattern;
  write("tiers/0.toml", kTier0);
  write("tiers/2.toml", kTier2);
  write("prompts/small.toml", kSuite);
}

SuitesSandbox::~SuitesSandbox() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::filesystem::path SuitesSandbox::write(const std::string& name, const std::string& text) const {
  const auto path = root_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string without_root(const std::filesystem::path& root, std::string text) {
  const std::string prefix = root.string() + "/";
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

}  // namespace wan::testing
