#include "engine/vae/tensor_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/vae/config.h"

namespace wan::vae {
namespace {

VaeConfig wan21() { return {}; }

VaeConfig wan22() {
  VaeConfig config{.base_dim = 160, .decoder_base_dim = 256, .z_dim = 48};
  config.is_residual = true;
  config.in_channels = config.out_channels = 12;
  config.patch_size = 2;
  return config;
}

using Shape = std::vector<std::int64_t>;
struct Expected {
  const char* ours;
  const char* diffusers;
  Shape shape;
};

void expect_rows(const checkpoint::TensorTable& table, const std::vector<Expected>& rows) {
  std::map<std::string, checkpoint::TensorSpec> by_name;
  std::set<std::string> diffusers;
  for (const checkpoint::TensorSpec& spec : table) {
    EXPECT_TRUE(by_name.emplace(spec.name, spec).second) << spec.name << " twice";
    EXPECT_TRUE(diffusers.insert(spec.diffusers).second) << spec.diffusers << " twice";
  }
  for (const Expected& row : rows) {
    ASSERT_TRUE(by_name.contains(row.ours)) << row.ours;
    EXPECT_EQ(by_name[row.ours].diffusers, row.diffusers);
    EXPECT_EQ(by_name[row.ours].shape, row.shape) << row.ours;
  }
}

TEST(VaeTensorTable, Wan21) {
  const checkpoint::TensorTable table = tensor_table(wan21());
  EXPECT_EQ(table.size(), 194U);
  expect_rows(table, {
                         {"encoder.conv1.weight", "encoder.conv_in.weight", {96, 3, 3, 3, 3}},
                         {"encoder.downsamples.2.resample.1.weight", "encoder.down_blocks.2.resample.1.weight", {96, 96, 3, 3}},
                         {"encoder.downsamples.3.shortcut.weight", "encoder.down_blocks.3.conv_shortcut.weight", {192, 96, 1, 1, 1}},
                         {"encoder.downsamples.5.time_conv.weight", "encoder.down_blocks.5.time_conv.weight", {192, 192, 3, 1, 1}},
                         {"encoder.downsamples.10.residual.6.bias", "encoder.down_blocks.10.conv2.bias", {384}},
                         {"encoder.middle.2.residual.0.gamma", "encoder.mid_block.resnets.1.norm1.gamma", {384, 1, 1, 1}},
                         {"encoder.middle.1.norm.gamma", "encoder.mid_block.attentions.0.norm.gamma", {384, 1, 1}},
                         {"encoder.head.2.weight", "encoder.conv_out.weight", {32, 384, 3, 3, 3}},
                         {"conv1.weight", "quant_conv.weight", {32, 32, 1, 1, 1}},
                         {"conv2.weight", "post_quant_conv.weight", {16, 16, 1, 1, 1}},
                         {"decoder.conv1.weight", "decoder.conv_in.weight", {384, 16, 3, 3, 3}},
                         {"decoder.middle.1.to_qkv.weight", "decoder.mid_block.attentions.0.to_qkv.weight", {1152, 384, 1, 1}},
                         {"decoder.middle.1.proj.bias", "decoder.mid_block.attentions.0.proj.bias", {384}},
                         {"decoder.upsamples.3.resample.1.weight", "decoder.up_blocks.0.upsamplers.0.resample.1.weight", {192, 384, 3, 3}},
                         {"decoder.upsamples.3.time_conv.weight", "decoder.up_blocks.0.upsamplers.0.time_conv.weight", {768, 384, 3, 1, 1}},
                         {"decoder.upsamples.4.shortcut.weight", "decoder.up_blocks.1.resnets.0.conv_shortcut.weight", {384, 192, 1, 1, 1}},
                         {"decoder.upsamples.8.residual.2.weight", "decoder.up_blocks.2.resnets.0.conv1.weight", {192, 192, 3, 3, 3}},
                         {"decoder.upsamples.11.resample.1.weight", "decoder.up_blocks.2.upsamplers.0.resample.1.weight", {96, 192, 3, 3}},
                         {"decoder.upsamples.14.residual.3.gamma", "decoder.up_blocks.3.resnets.2.norm2.gamma", {96, 1, 1, 1}},
                         {"decoder.head.2.weight", "decoder.conv_out.weight", {3, 96, 3, 3, 3}},
                     });
}

TEST(VaeTensorTable, Wan22) {
  const checkpoint::TensorTable table = tensor_table(wan22());
  EXPECT_EQ(table.size(), 196U);
  expect_rows(
      table,
      {
          {"encoder.conv1.weight", "encoder.conv_in.weight", {160, 12, 3, 3, 3}},
          {"encoder.downsamples.0.downsamples.2.resample.1.bias", "encoder.down_blocks.0.downsampler.resample.1.bias", {160}},
          {"encoder.downsamples.1.downsamples.0.shortcut.weight",
           "encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
           {320, 160, 1, 1, 1}},
          {"encoder.downsamples.2.downsamples.2.time_conv.weight",
           "encoder.down_blocks.2.downsampler.time_conv.weight",
           {640, 640, 3, 1, 1}},
          {"encoder.downsamples.3.downsamples.1.residual.6.weight", "encoder.down_blocks.3.resnets.1.conv2.weight", {640, 640, 3, 3, 3}},
          {"encoder.head.2.weight", "encoder.conv_out.weight", {96, 640, 3, 3, 3}},
          {"decoder.conv1.weight", "decoder.conv_in.weight", {1024, 48, 3, 3, 3}},
          {"decoder.upsamples.0.upsamples.3.time_conv.weight", "decoder.up_blocks.0.upsampler.time_conv.weight", {2048, 1024, 3, 1, 1}},
          {"decoder.upsamples.2.upsamples.0.shortcut.weight", "decoder.up_blocks.2.resnets.0.conv_shortcut.weight", {512, 1024, 1, 1, 1}},
          {"decoder.upsamples.2.upsamples.3.resample.1.weight", "decoder.up_blocks.2.upsampler.resample.1.weight", {512, 512, 3, 3}},
          {"decoder.upsamples.3.upsamples.2.residual.6.weight", "decoder.up_blocks.3.resnets.2.conv2.weight", {256, 256, 3, 3, 3}},
          {"decoder.head.2.bias", "decoder.conv_out.bias", {12}},
      });
}

}  // namespace
}  // namespace wan::vae
