#include "engine/model/tensor_table.h"

#include <fmt/core.h>

#include <charconv>
#include <string_view>

namespace wan::model {
namespace {

struct Builder {
  checkpoint::TensorTable table = {};

  void add(const std::string& name, const std::string& diffusers, std::vector<std::int64_t> shape) {
    table.push_back({.name = name, .diffusers = diffusers, .shape = std::move(shape)});
  }
  void linear(const std::string& name, const std::string& diffusers, std::int64_t out, std::int64_t in) {
    add(name + ".weight", diffusers + ".weight", {out, in});
    add(name + ".bias", diffusers + ".bias", {out});
  }
};

void add_attention(Builder& b, const std::string& name, const std::string& diffusers, std::int64_t d) {
  for (const char* part : {"q", "k", "v"}) b.linear(fmt::format("{}.{}", name, part), fmt::format("{}.to_{}", diffusers, part), d, d);
  b.linear(name + ".o", diffusers + ".to_out.0", d, d);
  for (const char* part : {"norm_q", "norm_k"})
    b.add(fmt::format("{}.{}.weight", name, part), fmt::format("{}.{}.weight", diffusers, part), {d});
}

}  // namespace

checkpoint::TensorTable transformer_tensors(const TransformerConfig& config) {
  const auto d = config.dim();
  Builder b;
  b.add("patch_embedding.weight", "patch_embedding.weight", {d, config.in_channels, config.patch[0], config.patch[1], config.patch[2]});
  b.add("patch_embedding.bias", "patch_embedding.bias", {d});
  b.linear("text_embedding.0", "condition_embedder.text_embedder.linear_1", d, config.text_dim);
  b.linear("text_embedding.2", "condition_embedder.text_embedder.linear_2", d, d);
  b.linear("time_embedding.0", "condition_embedder.time_embedder.linear_1", d, config.freq_dim);
  b.linear("time_embedding.2", "condition_embedder.time_embedder.linear_2", d, d);
  b.linear("time_projection.1", "condition_embedder.time_proj", 6 * d, d);
  for (std::int64_t i = 0; i < config.layers; ++i) {
    const std::string block = fmt::format("blocks.{}", i);
    b.add(block + ".modulation", block + ".scale_shift_table", {1, 6, d});
    add_attention(b, block + ".self_attn", block + ".attn1", d);
    b.add(block + ".norm3.weight", block + ".norm2.weight", {d});
    b.add(block + ".norm3.bias", block + ".norm2.bias", {d});
    add_attention(b, block + ".cross_attn", block + ".attn2", d);
    b.linear(block + ".ffn.0", block + ".ffn.net.0.proj", config.ffn_dim, d);
    b.linear(block + ".ffn.2", block + ".ffn.net.2", d, config.ffn_dim);
  }
  b.add("head.modulation", "scale_shift_table", {1, 2, d});
  b.linear("head.head", "proj_out", config.patch_volume() * config.out_channels, d);
  return std::move(b.table);
}

int block_of(const std::string& name) {
  constexpr std::string_view kPrefix = "blocks.";
  int block = kOutsideBlocks;
  if (name.starts_with(kPrefix)) std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), block);
  return block;
}

bool keep_float32(const std::string& name) {
  return name.find("modulation") != std::string::npos || name.find("norm") != std::string::npos || name.starts_with("time_") ||
         name.starts_with("head.");
}

}  // namespace wan::model
