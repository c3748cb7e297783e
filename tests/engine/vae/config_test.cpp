#include "engine/vae/config.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/error.h"
#include "engine/io/json.h"

namespace wan::vae {
namespace {

const std::string kWan21 = R"({"_class_name": "AutoencoderKLWan", "base_dim": 96, "z_dim": 2, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2,
  "attn_scales": [], "temperal_downsample": [false, true, true], "dropout": 0.0, "latents_mean": [0.5, -1], "latents_std": [2, 3]})";

VaeConfig parse(const std::string& text) { return parse_vae_config(io::JsonValue::parse(text, "config.json")); }

std::string with(const std::string& from, const std::string& to) {
  std::string text = kWan21;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(VaeConfigFile, FieldsThatOlderFilesLackHaveWan21sValues) {
  const VaeConfig config = parse(kWan21);
  EXPECT_EQ(config.decoder_base_dim, 96);
  EXPECT_FALSE(config.is_residual);
  EXPECT_EQ(config.patch_size, 1);
  EXPECT_EQ(config.in_channels, 3);
  EXPECT_EQ(config.latents_std, (std::vector<double>{2, 3}));
  EXPECT_EQ(config.spatial_factor(), 8);
  EXPECT_EQ(config.temporal_factor(), 4);
  EXPECT_EQ(config.frames(1), 1);
  EXPECT_EQ(config.frames(21), 81);
}

TEST(VaeConfigFile, ResidualVariantWithPatches) {
  const VaeConfig config =
      parse(with("\"z_dim\": 2", R"("z_dim": 2, "is_residual": true, "patch_size": 2, "in_channels": 12, "out_channels": 12,
    "decoder_base_dim": 256, "clip_output": false)"));
  EXPECT_TRUE(config.is_residual);
  EXPECT_EQ(config.decoder_base_dim, 256);
  EXPECT_EQ(config.spatial_factor(), 16);
}

TEST(VaeConfigFile, ResidualStagesMustBeBridgedByTheirShortcuts) {
  // The last encoder stage does not gather pixels, so its shortcut cannot widen.
  std::string text = with("\"z_dim\": 2", R"("z_dim": 2, "is_residual": true)");
  EXPECT_NO_THROW(parse(text));
  text.replace(text.find("[1, 2, 4, 4]"), 12, "[1, 2, 4, 8]");
  EXPECT_THROW(parse(text), UsageError);
}

TEST(VaeConfigFile, NullMeansAbsent) {
  const VaeConfig config = parse(with("\"z_dim\": 2", R"("z_dim": 2, "decoder_base_dim": null, "patch_size": null)"));
  EXPECT_EQ(config.decoder_base_dim, 96);
  EXPECT_EQ(config.patch_size, 1);
}

TEST(VaeConfigFile, BadValuesAreUsageErrorsThatNameTheField) {
  const std::vector<std::array<std::string, 3>> cases = {
      {"AutoencoderKLWan", "AutoencoderKL", "_class_name"},
      {"\"base_dim\": 96", "\"base_dim\": 0", "base_dim"},
      {"\"base_dim\": 96", "\"base_dim\": \"wide\"", "base_dim"},
      {"\"z_dim\": 2", "\"z_dim\": 3", "latents_mean"},
      {"\"z_dim\": 2", "\"z_dim\": -1", "z_dim"},
      {"\"num_res_blocks\": 2", "\"num_res_blocks\": 0", "num_res_blocks"},
      {"[1, 2, 4, 4]", "[]", "dim_mult"},
      {"[1, 2, 4, 4]", "[1, -2]", "dim_mult"},
      {"[1, 2, 4, 4]", "7", "dim_mult"},
      {"\"attn_scales\": []", "\"attn_scales\": [0.5]", "attn_scales"},
      {"[false, true, true]", "[false, true]", "temperal_downsample"},
      {"[false, true, true]", "[0, 1, 1]", "temperal_downsample"},
      {"\"z_dim\": 2", "\"z_dim\": 2, \"scale_factor_spatial\": 16", "scale_factor_spatial = 16"},
      {"\"z_dim\": 2", "\"z_dim\": 2, \"scale_factor_temporal\": 8", "scale_factor_temporal = 8"},
      {"\"z_dim\": 2", "\"z_dim\": 2, \"patch_size\": 2", "in_channels"},
      {"[2, 3]", "[2, 0]", "latents_std"},
      {"[2, 3]", "[2]", "latents_std"},
  };
  for (const auto& [from, to, named] : cases) {
    try {
      parse(with(from, to));
      ADD_FAILURE() << to << " was accepted";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("config.json"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace wan::vae
