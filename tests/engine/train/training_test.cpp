// Whole trainings in small: what is there after them, and that a part and the rest are the whole to the last bit.
#include "engine/train/training.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/pipeline_config.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::train {
namespace {

void replace(const std::filesystem::path& file, const std::vector<std::pair<std::string, std::string>>& changes) {
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const auto& [from, to] : changes) {
    const auto place = text.find(from);
    ASSERT_NE(place, std::string::npos) << file << " has no " << from;
    text.replace(place, from.size(), to);
  }
  std::ofstream(file) << text;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Training : public ::testing::Test {
 protected:
  void SetUp() override {
    namespace fs = std::filesystem;
    fs::copy(fs::path(WAN_SOURCE_DIR) / "suites" / "models" / "wan-tiny", template_, fs::copy_options::recursive);
    for (const char* expert : {"transformer", "transformer_2"})
      replace(template_ / expert / "config.json", {{"\"attention_head_dim\": 64", "\"attention_head_dim\": 12"},
                                                   {"\"num_attention_heads\": 3", "\"num_attention_heads\": 2"},
                                                   {"\"ffn_dim\": 640", "\"ffn_dim\": 32"},
                                                   {"\"num_layers\": 5", "\"num_layers\": 1"}});
    replace(template_ / "vae" / "config.json",
            {{"\"base_dim\": 24", "\"base_dim\": 8"}, {"\"decoder_base_dim\": 24", "\"decoder_base_dim\": 8"}});
  }

  TrainingOptions options(const char* name) const {
    return {.folder = folder_.path() / name,
            .precision = "float32",
            .threads = 2,
            .canvas = {.frames = 5, .height = 32, .width = 32},
            .log_every = 1};
  }
  static Watch stop_after(std::int64_t last) {
    return [last](std::int64_t step, std::int64_t, const Figures&) { return step < last; };
  }

  wan::testing::TemporaryFolder folder_;
  std::filesystem::path template_ = folder_.path() / "template";
  VaeTraining vae_ = {.steps = 4, .batch = 2};
  DitTraining dit_ = {.steps = 6, .batch = 3, .pool = 8, .fresh = 4, .fresh_every = 2};
};

TEST_F(Training, APartAndTheRestAreTheWholeToTheLastBit) {
  const auto whole = options("whole"), parts = options("parts");
  for (const auto& folder : {whole, parts}) prepare_model(template_, folder);
  EXPECT_TRUE(train_vae(vae_, whole, stop_after(100)));
  EXPECT_FALSE(train_vae(vae_, parts, stop_after(1)));
  EXPECT_FALSE(train_vae(vae_, parts, stop_after(3)));
  EXPECT_TRUE(train_vae(vae_, parts, stop_after(100)));
  EXPECT_TRUE(train_dit(dit_, whole, stop_after(100)));
  EXPECT_FALSE(train_dit(dit_, parts, stop_after(1)));
  EXPECT_FALSE(train_dit(dit_, parts, stop_after(4)));
  EXPECT_TRUE(train_dit(dit_, parts, stop_after(100)));
  for (const char* file : {"vae.state.safetensors", "dit.state.safetensors", "model/vae/config.json",
                           "model/vae/diffusion_pytorch_model.safetensors", "model/transformer/diffusion_pytorch_model.safetensors",
                           "model/transformer_2/diffusion_pytorch_model.safetensors", "model/text_encoder/model.safetensors"})
    EXPECT_TRUE(bytes_of(whole.folder / file) == bytes_of(parts.folder / file)) << file;
  const std::string curve = bytes_of(parts.folder / "dit.csv");
  EXPECT_EQ(std::count(curve.begin(), curve.end(), '\n'), 7) << curve;
}

TEST_F(Training, LearnsAndLeavesAModelThatGenerates) {
  auto training = options("model");
  training.log_every = 10;
  prepare_model(template_, training);
  std::vector<double> psnr;
  EXPECT_TRUE(
      train_vae({.steps = 80, .batch = 4, .learning_rate = 4e-3}, training, [&](std::int64_t, std::int64_t, const Figures& figures) {
        for (const auto& [name, value] : figures)
          if (name == "held_out_psnr") psnr.push_back(value);
        return true;
      }));
  EXPECT_GT(psnr.back(), psnr.front() + 1.0) << "after 80 and after 10 steps";
  EXPECT_TRUE(train_dit(dit_, training, stop_after(100)));
  const auto config = read_pipeline_config(training.folder / "model");
  EXPECT_NE(config.vae.latents_mean, std::vector<double>(16, 0.0));
  Generator generator({.checkpoint_dir = (training.folder / "model").string(), .precision = Precision::float32});
  const auto result =
      generator.generate({.prompt = "A red circle moves left on a grey background.", .width = 32, .height = 32, .frames = 5, .steps = 2});
  EXPECT_EQ(result.clip.frames, 5);
  EXPECT_EQ(result.clip.nonfinite_values, 0);
  EXPECT_EQ(export_model(training), (std::vector<std::string>{"vae", "text_encoder", "transformer", "transformer_2"}));
}

TEST_F(Training, RefusesAStateOfOtherSettings) {
  const auto training = options("other");
  prepare_model(template_, training);
  EXPECT_FALSE(train_vae(vae_, training, stop_after(1)));
  vae_.batch = 3;
  try {
    train_vae(vae_, training, stop_after(2));
    FAIL() << "another batch size went on with the state";
  } catch (const UsageError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("vae.state.safetensors: the training in this folder has other settings"), std::string::npos) << message;
    EXPECT_NE(message.find("steps of 2 clips"), std::string::npos) << message;
    EXPECT_NE(message.find("steps of 3 clips"), std::string::npos) << message;
  }
}

TEST_F(Training, RefusesWhatIsNoStateAndAnEmptyFolder) {
  const auto training = options("bad");
  prepare_model(template_, training);
  std::filesystem::copy_file(std::filesystem::path(WAN_SOURCE_DIR) / "suites" / "models" / "wan-tiny" / "model_index.json",
                             training.folder / "vae.state.safetensors");
  EXPECT_THROW(train_vae(vae_, training, stop_after(1)), UsageError);
  EXPECT_THROW(export_model(options("nothing")), UsageError);
}

TEST_F(Training, SaysWhatItCannotTrainOn) {
  auto training = options("cannot");
  EXPECT_USAGE_ERROR(train_dit(dit_, training, stop_after(1)), ::testing::HasSubstr("there is no model in it; `wan-train vae --out"));
  prepare_model(template_, training);
  training.canvas.frames = 8;
  EXPECT_USAGE_ERROR(train_vae(vae_, training, stop_after(1)),
                     ::testing::HasSubstr("the model takes 4k + 1 frames and sides that are multiples of 16"));
  training.canvas = {.frames = 5, .height = 32, .width = 40};
  EXPECT_USAGE_ERROR(train_vae(vae_, training, stop_after(1)), ::testing::HasSubstr("clips of 5 frames of 40x32"));
  training.canvas.width = 32;
  EXPECT_TRUE(train_vae(vae_, training, stop_after(100)));
  dit_.pool = 10;
  EXPECT_USAGE_ERROR(train_dit(dit_, training, stop_after(1)), ::testing::HasSubstr("a pool of 10 latents is no multiple of the 4"));
}

}  // namespace
}  // namespace wan::train
