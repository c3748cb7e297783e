#include "engine/text/umt5.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/log.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/runtime/tensor.h"

namespace wan::text {
namespace {

// MKL's tanh picks its accuracy at its first call, without a lock: where two threads made that call together, one half of the result now
// and then had 1e-5 of error, once in a process. So the first call is made here, by one thread.
void settle_tanh() { static const at::Tensor once = at::tanh(at::zeros({64}, at::TensorOptions(at::kFloat))); }

// "gelu_new" operation by operation: each one rounds to x's dtype.
at::Tensor gelu_new(const at::Tensor& x) {
  const double root = std::sqrt(2.0 / M_PI);
  return x * 0.5 * (at::tanh((x + x.pow(3.0) * 0.044715) * root) + 1.0);
}

void check(const Umt5Config& config, const std::string& place) {
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", place, what)); };
  for (const auto& [name, value] : {std::pair{"vocab_size", config.vocabulary},
                                    {"d_model", config.d_model},
                                    {"num_heads", config.heads},
                                    {"d_kv", config.d_kv},
                                    {"d_ff", config.d_ff},
                                    {"num_layers", config.layers}})
    if (value < 1 || value > (1 << 24)) refuse(fmt::format("{} = {} is not a size", name, value));
  if (config.layers > 1024) refuse(fmt::format("num_layers = {}: expected at most 1024", config.layers));
  if (!(config.eps >= 0)) refuse(fmt::format("layer_norm_epsilon = {} is negative", config.eps));
  if (config.buckets < 4 || config.buckets > 4096)
    refuse(fmt::format("relative_attention_num_buckets = {}: expected 4 to 4096", config.buckets));
  if (config.max_distance <= config.buckets / 4 || config.max_distance > (1 << 20))
    refuse(fmt::format("relative_attention_max_distance = {}: expected more than a quarter of the {} buckets", config.max_distance,
                       config.buckets));
}

}  // namespace

Umt5Config read_umt5_config(const std::filesystem::path& path) { return parse_umt5_config(io::JsonValue::read(path)); }

Umt5Config parse_umt5_config(const io::JsonValue& json) {
  Umt5Config config;
  config.vocabulary = json.at("vocab_size").as_int();
  config.d_model = json.at("d_model").as_int();
  config.heads = json.at("num_heads").as_int();
  config.d_kv = json.at("d_kv").as_int();
  config.d_ff = json.at("d_ff").as_int();
  config.layers = json.at("num_layers").as_int();
  config.buckets = json.get("relative_attention_num_buckets", config.buckets);
  config.max_distance = json.get("relative_attention_max_distance", config.max_distance);
  config.eps = json.get("layer_norm_epsilon", config.eps);
  check(config, json.where());
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", json.where(), what)); };
  if (json.get("model_type", "umt5") != "umt5") refuse(fmt::format("model_type '{}' is not umt5", json.get("model_type", "")));
  if (const auto proj = json.get("feed_forward_proj", "gated-gelu"); proj != "gated-gelu")
    refuse(fmt::format("feed_forward_proj = {}: UMT5 has gated-gelu", proj));
  return config;
}

Umt5Config infer_umt5_config(const checkpoint::Source& source) {
  const auto& embedding = source.shape("token_embedding.weight", 2);              // [vocabulary, d]
  const auto& bias = source.shape("blocks.0.pos_embedding.embedding.weight", 2);  // [buckets, heads]
  const std::int64_t inner = source.shape("blocks.0.attn.q.weight", 2)[0];        // heads * d_kv
  Umt5Config config{.vocabulary = embedding[0],
                    .d_model = embedding[1],
                    .heads = bias[1],
                    .d_kv = inner / std::max<std::int64_t>(bias[1], 1),
                    .d_ff = source.shape("blocks.0.ffn.fc1.weight", 2)[0],
                    .layers = 0,
                    .buckets = bias[0]};
  while (source.has(fmt::format("blocks.{}.attn.q.weight", config.layers))) ++config.layers;
  check(config, source.place);
  return config;
}

checkpoint::TensorTable umt5_tensors(const Umt5Config& config) {
  const auto d = config.d_model, inner = config.heads * config.d_kv;
  checkpoint::TensorTable table = {{.name = "token_embedding.weight",
                                    .diffusers = "shared.weight",
                                    .shape = {config.vocabulary, d},
                                    .alternative = "encoder.embed_tokens.weight"}};
  for (std::int64_t i = 0; i < config.layers; ++i) {
    const std::string ours = fmt::format("blocks.{}.", i), theirs = fmt::format("encoder.block.{}.layer.", i);
    table.push_back({.name = ours + "norm1.weight", .diffusers = theirs + "0.layer_norm.weight", .shape = {d}});
    for (const char* part : {"q", "k", "v"})
      table.push_back({.name = fmt::format("{}attn.{}.weight", ours, part),
                       .diffusers = fmt::format("{}0.SelfAttention.{}.weight", theirs, part),
                       .shape = {inner, d}});
    table.push_back({.name = ours + "attn.o.weight", .diffusers = theirs + "0.SelfAttention.o.weight", .shape = {d, inner}});
    table.push_back({.name = ours + "pos_embedding.embedding.weight",
                     .diffusers = theirs + "0.SelfAttention.relative_attention_bias.weight",
                     .shape = {config.buckets, config.heads}});
    table.push_back({.name = ours + "norm2.weight", .diffusers = theirs + "1.layer_norm.weight", .shape = {d}});
    table.push_back({.name = ours + "ffn.gate.0.weight", .diffusers = theirs + "1.DenseReluDense.wi_0.weight", .shape = {config.d_ff, d}});
    table.push_back({.name = ours + "ffn.fc1.weight", .diffusers = theirs + "1.DenseReluDense.wi_1.weight", .shape = {config.d_ff, d}});
    table.push_back({.name = ours + "ffn.fc2.weight", .diffusers = theirs + "1.DenseReluDense.wo.weight", .shape = {d, config.d_ff}});
  }
  table.push_back({.name = "norm.weight", .diffusers = "encoder.final_layer_norm.weight", .shape = {d}});
  return table;
}

std::int64_t relative_position_bucket(std::int64_t relative, std::int64_t buckets, std::int64_t max_distance) {
  const std::int64_t half = buckets / 2, exact = half / 2, distance = std::abs(relative), base = relative > 0 ? half : 0;
  if (distance < exact) return base + distance;
  // In float32 like the reference: where the logarithm hits an integer the last bit decides, and torch's tables are in the weights.
  const float ratio = std::log(static_cast<float>(distance) / static_cast<float>(exact)) /
                      static_cast<float>(std::log(static_cast<double>(max_distance) / static_cast<double>(exact)));
  return base + std::min(half - 1, exact + static_cast<std::int64_t>(ratio * static_cast<float>(half - exact)));
}

TextEncoder::TextEncoder(const Umt5Config& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams,
                         std::optional<at::Device> device)
    : config_(config), seams_(std::move(seams)) {
  settle_tanh();
  const at::Device place = device.value_or(weights.at("norm.weight").device());
  const auto tensor = [&](const std::string& name) { return weights.at(name).to(place); };
  const auto layer_of = [&](const std::string& name, const LayerId& id) {
    Linear layer{.id = id, .weight = tensor(name + ".weight")};
    layer.dtype = layer.weight.scalar_type();
    seams_->pack_linear(layer);
    return layer;
  };
  table_ = layer_of("token_embedding", {.part = Part::text, .role = Role::token_embedding});
  final_norm_ = tensor("norm.weight");
  for (int i = 0; i < config.layers; ++i) {
    const std::string prefix = fmt::format("blocks.{}.", i);
    const auto linear = [&](const char* name, Role role, int index) {
      return layer_of(prefix + name, {.part = Part::text, .block = i, .role = role, .index = index});
    };
    layers_.push_back({.attention_norm = tensor(prefix + "norm1.weight"),
                       .ffn_norm = tensor(prefix + "norm2.weight"),
                       .qkv = {linear("attn.q", Role::text_attention, 0), linear("attn.k", Role::text_attention, 1),
                               linear("attn.v", Role::text_attention, 2)},
                       .output = linear("attn.o", Role::text_attention, 3),
                       .position_bias = tensor(prefix + "pos_embedding.embedding.weight"),
                       .gate = linear("ffn.gate.0", Role::text_ffn, 0),
                       .up = linear("ffn.fc1", Role::text_ffn, 1),
                       .down = linear("ffn.fc2", Role::text_ffn, 2)});
  }
}

at::Tensor TextEncoder::norm(const at::Tensor& x, const at::Tensor& weight) const {
  const at::Tensor wide = widened(x);
  return (wide * at::rsqrt(wide.square().mean({-1}, /*keepdim=*/true) + config_.eps)).to(weight.scalar_type()) * weight;
}

at::Tensor TextEncoder::attention(const Layer& layer, const at::Tensor& x, const at::Tensor& buckets, const at::Tensor& mask) const {
  const auto qkv = seams_->qkv(layer.qkv, {.tensor = x});
  const auto heads = [&](const at::Tensor& t) {
    return t.unflatten(2, {config_.heads, config_.d_kv}).transpose(1, 2);
  };  // [B, heads, n, d_kv]
  const at::Tensor bias =
      layer.position_bias.index_select(0, buckets.flatten()).unflatten(0, buckets.sizes()).permute({2, 0, 1});  // [heads, n, n]
  at::Tensor scores = at::matmul(heads(qkv[0]), heads(qkv[1]).transpose(2, 3)) + bias;                          // [B, heads, n, n]
  const at::ScalarType dtype = scores.scalar_type();
  scores = widened(scores);
  if (mask.defined()) scores = scores + mask;
  const at::Tensor mixed = at::matmul(at::softmax(scores, -1).to(dtype), heads(qkv[2]));  // [B, heads, n, d_kv]
  return seams_->project(layer.output, {.tensor = mixed.transpose(1, 2).flatten(2)});
}

TokenBatch make_token_batch(const Umt5Config& config, std::span<const std::vector<std::int64_t>> prompts, std::int64_t length) {
  const auto batch = static_cast<std::int64_t>(prompts.size());
  TokenBatch made = {.tokens = at::zeros({batch, length}, at::TensorOptions(at::kLong)),
                     .valid = at::zeros({batch, length}, at::TensorOptions(at::kFloat)),
                     .buckets = at::empty({length, length}, at::TensorOptions(at::kLong))};
  auto* token = made.tokens.mutable_data_ptr<std::int64_t>();
  auto* valid = made.valid.mutable_data_ptr<float>();
  for (const auto& ids : prompts) {
    WAN_CHECK(static_cast<std::int64_t>(ids.size()) <= length, "a prompt of {} tokens in a batch of {}", ids.size(), length);
    for (const std::int64_t id : ids)
      WAN_CHECK(id >= 0 && id < config.vocabulary, "token id {} outside the vocabulary of {}", id, config.vocabulary);
    std::copy(ids.begin(), ids.end(), token);
    std::fill_n(valid, ids.size(), 1.0F);
    token += length;
    valid += length;
  }
  auto* bucket = made.buckets.mutable_data_ptr<std::int64_t>();
  for (std::int64_t query = 0; query < length; ++query)
    for (std::int64_t key = 0; key < length; ++key)
      bucket[query * length + key] = relative_position_bucket(key - query, config.buckets, config.max_distance);
  return made;
}

at::Tensor TextEncoder::states(const at::Tensor& tokens, const at::Tensor& buckets, const at::Tensor& mask) const {
  at::Tensor x = seams_->embed(table_, tokens.flatten()).unflatten(0, tokens.sizes());  // [B, n, d_model]
  for (const Layer& layer : layers_) {
    x = x + attention(layer, norm(x, layer.attention_norm), buckets, mask);
    const Activation h = {.tensor = norm(x, layer.ffn_norm)};
    x = x + seams_->project(layer.down, {.tensor = seams_->project(layer.up, h) * gelu_new(seams_->project(layer.gate, h))});
  }
  return norm(x, final_norm_);
}

at::Tensor TextEncoder::encode(std::span<const std::int64_t> ids) const {
  const std::vector<std::int64_t> prompt(ids.begin(), ids.end());
  const TokenBatch batch = make_token_batch(config_, std::span(&prompt, 1), static_cast<std::int64_t>(ids.size()));
  const at::Device device = final_norm_.device();
  return states(batch.tokens.to(device), batch.buckets.to(device), {});
}

at::Tensor TextEncoder::encode(const TokenBatch& prompts) const {
  const at::Tensor encoded = states(prompts.tokens, prompts.buckets, at::log(prompts.valid).unsqueeze(1).unsqueeze(1));
  return encoded * prompts.valid.to(encoded.scalar_type()).unsqueeze(2);
}

}  // namespace wan::text
