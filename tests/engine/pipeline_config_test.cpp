#include "engine/pipeline_config.h"

#include <fmt/format.h>

#include <fstream>

#include "engine/model/tensor_table.h"
#include "engine/vae/tensor_table.h"
#include "tests/support/engine/empty_checkpoint.h"
#include "tests/support/engine/tensors.h"
#include "tests/support/engine/torch_archive.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan {
namespace {

using checkpoint::Layout;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Expected {
  const char* task;
  Layout layout;
  std::size_t transformer_tensors, vae_tensors;
  std::int64_t transformer_parameters, vae_parameters;  // wan.md 1.3
};

class ReleasedModels : public ::testing::TestWithParam<Expected> {
 protected:
  void SetUp() override { test::write_empty_checkpoint(root_, test::released_model(GetParam().task), GetParam().layout); }
  testing::TemporaryFolder folder_;
  fs::path root_ = folder_ / "checkpoint";
};

std::int64_t parameters(const checkpoint::TensorTable& table) {
  std::int64_t sum = 0;
  for (const auto& spec : table) sum += static_cast<std::int64_t>(io::dense_bytes(spec.shape, io::Dtype::u8).value());
  return sum;
}

void expect_equal_but_for_statistics(const vae::VaeConfig& a, const vae::VaeConfig& b) {
  EXPECT_EQ(a.base_dim, b.base_dim);
  EXPECT_EQ(a.decoder_base_dim, b.decoder_base_dim);
  EXPECT_EQ(a.z_dim, b.z_dim);
  EXPECT_EQ(a.dim_mult, b.dim_mult);
  EXPECT_EQ(a.num_res_blocks, b.num_res_blocks);
  EXPECT_EQ(a.temporal_downsample, b.temporal_downsample);
  EXPECT_EQ(a.is_residual, b.is_residual);
  EXPECT_EQ(a.in_channels, b.in_channels);
  EXPECT_EQ(a.out_channels, b.out_channels);
  EXPECT_EQ(a.patch_size, b.patch_size);
}

TEST_P(ReleasedModels, AreRecognisedAndTheirTensorsAreAllThere) {
  const Expected& expected = GetParam();
  const auto& model = test::released_model(expected.task);
  const PipelineConfig config = read_pipeline_config(root_);
  EXPECT_EQ(config.info.task, expected.task);
  EXPECT_EQ(config.info.layout, to_string(expected.layout));
  EXPECT_EQ(config.transformer, model.transformer);
  EXPECT_EQ(config.text, text::Umt5Config{});
  expect_equal_but_for_statistics(config.vae, model.vae);
  EXPECT_EQ(config.boundary, model.two_experts ? std::optional(0.875) : std::nullopt);
  EXPECT_EQ(config.scheduler.solver, Solver::unipc);

  const auto walk = [&](const checkpoint::Component& component, const checkpoint::TensorTable& table) {
    return checkpoint::find_tensors(checkpoint::open_component(component, config.files.layout), table).size();
  };
  const auto table = model::transformer_tensors(config.transformer), vae_table = vae::tensor_table(config.vae);
  EXPECT_EQ(walk(config.files.transformer, table), expected.transformer_tensors);
  if (model.two_experts) {
    EXPECT_EQ(walk(config.files.transformer_2.value(), table), expected.transformer_tensors);
  }
  EXPECT_EQ(walk(config.files.text_encoder, text::umt5_tensors(config.text)), 242U);
  EXPECT_EQ(walk(config.files.vae, vae_table), expected.vae_tensors);
  EXPECT_EQ(parameters(table), expected.transformer_parameters);
  EXPECT_EQ(parameters(vae_table), expected.vae_parameters);
  EXPECT_EQ(parameters(text::umt5_tensors(config.text)), 5'680'910'336);
}

constexpr std::int64_t k14B = 14'288'491'584, k5B = 4'999'787'712, k1_3B = 1'418'996'800, kVae21 = 126'892'531, kVae22 = 704'688'668;
INSTANTIATE_TEST_SUITE_P(Layouts, ReleasedModels,
                         ::testing::Values(Expected{"t2v-A14B", Layout::official, 1095, 194, k14B, kVae21},
                                           Expected{"t2v-14B", Layout::official, 1095, 194, k14B, kVae21},
                                           Expected{"t2v-1.3B", Layout::official, 825, 194, k1_3B, kVae21},
                                           Expected{"ti2v-5B", Layout::official, 825, 196, k5B, kVae22},
                                           Expected{"t2v-A14B", Layout::diffusers, 1095, 194, k14B, kVae21},
                                           Expected{"t2v-14B", Layout::diffusers, 1095, 194, k14B, kVae21},
                                           Expected{"t2v-1.3B", Layout::diffusers, 825, 194, k1_3B, kVae21},
                                           Expected{"ti2v-5B", Layout::diffusers, 825, 196, k5B, kVae22}),
                         [](const auto& info) {
                           std::string name = fmt::format("{}_{}", info.param.task, to_string(info.param.layout));
                           std::ranges::replace_if(
                               name, [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

class OfficialFolder : public ::testing::Test {
 protected:
  void SetUp() override { test::write_empty_checkpoint(root_, test::released_model("t2v-1.3B"), Layout::official); }
  void write_config(const std::string& text) { std::ofstream(root_ / "config.json") << text; }
  testing::TemporaryFolder folder_;
  fs::path root_ = folder_ / "checkpoint";
};

TEST_F(OfficialFolder, HasTheDefaultsOfTheOfficialCommandLine) {
  const auto config = read_pipeline_config(root_);
  EXPECT_EQ(config.info.default_width, 832);
  EXPECT_EQ(config.info.default_steps, 50);
  EXPECT_EQ(config.info.default_shift, 5.0);
  EXPECT_EQ(config.scheduler.shift, 3.0);  // what --reference diffusers takes: the conversion's
  EXPECT_EQ(config.vae.latents_mean.front(), -0.7571);
  EXPECT_EQ(config.vae.latents_std.back(), 1.9160);
}

// Without the file the heads are those of the released model of that width, and all else follows from shapes.
TEST_F(OfficialFolder, NeedsNoConfigFile) {
  fs::remove(root_ / "config.json");
  EXPECT_EQ(read_pipeline_config(root_).transformer, test::released_model("t2v-1.3B").transformer);
}

TEST_F(OfficialFolder, ConfigFileIsCheckedAgainstTheTensors) {
  write_config(R"({"num_heads": 12, "dim": 1536, "num_layers": 31})");
  const auto config = read_pipeline_config(root_);
  EXPECT_USAGE_ERROR(checkpoint::find_tensors(checkpoint::open_component(config.files.transformer, Layout::official),
                                              model::transformer_tensors(config.transformer)),
                     AllOf(HasSubstr("missing: blocks.30.modulation"), HasSubstr("(27 faults)")));
  for (const auto& [text, named] : {std::pair{R"({"num_heads": 12, "model_type": "i2v"})", "model_type 'i2v'"},
                                    {R"({"dim": 1536})", "num_heads"},
                                    {R"({"num_heads": 7})", "1536 channels do not divide into 7 heads"},
                                    {R"({"num_heads": 0})", "0 heads"},
                                    {R"({"num_heads": 12, "ffn_dim": -1})", "ffn_dim"},
                                    {R"({"num_heads": 12, "in_dim": 36})", "36"}}) {
    write_config(text);
    EXPECT_USAGE_ERROR(read_pipeline_config(root_), HasSubstr(named));
  }
}

TEST_F(OfficialFolder, ListsWhatIsMissing) {
  fs::remove_all(root_ / "google");
  fs::remove(root_ / "Wan2.1_VAE.pth");
  fs::remove(root_ / "models_t5_umt5-xxl-enc-bf16.pth");
  EXPECT_USAGE_ERROR(read_pipeline_config(root_), AllOf(HasSubstr("models_t5_umt5-xxl-enc-bf16.pth"), HasSubstr("google/umt5-xxl/"),
                                                        HasSubstr("Wan2.1_VAE.pth or Wan2.2_VAE.pth")));
  std::ofstream(root_ / "Wan2.1_VAE.pth"), std::ofstream(root_ / "Wan2.2_VAE.pth");
  EXPECT_USAGE_ERROR(read_pipeline_config(root_), HasSubstr("keep the one"));
  fs::create_directories(folder_ / "experts/high_noise_model");
  EXPECT_USAGE_ERROR(read_pipeline_config(folder_ / "experts"), HasSubstr("low_noise_model/"));
  EXPECT_USAGE_ERROR(read_pipeline_config(folder_.path()), AllOf(HasSubstr("model_index.json"), HasSubstr("high_noise_model/")));
}

TEST_F(OfficialFolder, VaesThatAreNoneAreNamed) {
  const auto write_vae = [&](const std::vector<test::NamedShape>& tensors) {
    test::write_empty_torch_file(root_ / "Wan2.1_VAE.pth", tensors, io::Dtype::f32);
  };
  write_vae({{"x", {1}}});
  EXPECT_USAGE_ERROR(read_pipeline_config(root_), AllOf(HasSubstr("Wan2.1_VAE.pth"), HasSubstr("encoder.conv1.weight")));
  const std::vector<test::NamedShape> ends = {{"encoder.conv1.weight", {96, 3, 3, 3, 3}}, {"decoder.head.2.weight", {3, 96, 3, 3, 3}}};
  auto tensors = ends;
  tensors.push_back({"conv2.weight", {16, 16, 1, 1, 1}});
  write_vae(tensors);
  EXPECT_USAGE_ERROR(read_pipeline_config(root_), HasSubstr("no stages"));
  tensors.back().shape = {8, 8, 1, 1, 1};
  tensors.push_back({"encoder.downsamples.0.residual.2.weight", {96, 96, 3, 3, 3}});
  tensors.push_back({"encoder.downsamples.0.residual.6.weight", {96, 96, 3, 3, 3}});
  write_vae(tensors);
  EXPECT_USAGE_ERROR(read_pipeline_config(root_), HasSubstr("8 latent channels"));
}

TEST_F(OfficialFolder, HashCoversEveryKindOfFile) {
  std::set<std::string> hashes = {checkpoint_hash(root_)};
  const auto change = [&](const std::string& file, const std::string& text) {
    std::ofstream(root_ / file, std::ios::app) << text;
    EXPECT_TRUE(hashes.insert(checkpoint_hash(root_)).second) << file;
  };
  change("google/umt5-xxl/spiece.model", "x");
  change("google/umt5-xxl/tokenizer.json", "x");
  change("Wan2.1_VAE.pth", "x");
  change("models_t5_umt5-xxl-enc-bf16.pth", "x");
  change("diffusion_pytorch_model.safetensors", "x");
  change("config.json", " ");
  std::ofstream(root_ / "README.md") << "talk";
  EXPECT_EQ(hashes.count(checkpoint_hash(root_)), 1U);
}

// The same weights in both layouts have the same configuration, but for what the official one does not store.
TEST(OracleConfigs, AgreeInBothLayouts) {
  for (const char* name : {"t2v_two_experts_dev", "t2v_single_expert_dev", "ti2v_dev"}) {
    SCOPED_TRACE(name);
    const auto official_root = test::oracle_case(name, "official"), diffusers_root = test::oracle_case(name, "diffusers");
    if (official_root.empty() || diffusers_root.empty()) continue;
    const auto official = read_pipeline_config(official_root / "official"), diffusers = read_pipeline_config(diffusers_root / "diffusers");
    EXPECT_EQ(official.transformer, diffusers.transformer);
    EXPECT_EQ(official.text, diffusers.text);
    EXPECT_EQ(official.boundary, diffusers.boundary);
    EXPECT_EQ(official.vae.latents_mean, diffusers.vae.latents_mean);
    EXPECT_EQ(official.vae.latents_std, diffusers.vae.latents_std);
    expect_equal_but_for_statistics(official.vae, diffusers.vae);
  }
}

}  // namespace
}  // namespace wan
