#include "engine/model/transformer.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/model/tensor_table.h"
#include "engine/ops/residual_norm_modulate.h"
#include "engine/runtime/nvtx.h"
#include "engine/runtime/tensor.h"

namespace wan::model {
namespace {

const at::Tensor kNone;

Linear make_linear(const checkpoint::Weights& weights, const std::string& name, const LayerId& id, const Seams& seams,
                   bool keep_reference = false) {
  Linear layer{.id = id, .weight = weights.at(name + ".weight"), .bias = weights.at(name + ".bias"), .keep_reference = keep_reference};
  if (layer.weight.dim() > 2) layer.weight = layer.weight.flatten(1);
  layer.dtype = layer.weight.scalar_type();
  seams.pack_linear(layer);
  return layer;
}

Block make_block(const checkpoint::Weights& weights, Part part, int index, const Seams& seams, bool keep_reference) {
  const std::string prefix = fmt::format("blocks.{}.", index);
  const auto linear = [&](const char* name, Role role, int which = 0) {
    return make_linear(weights, prefix + name, {.part = part, .block = index, .role = role, .index = which}, seams, keep_reference);
  };
  const auto tensor = [&](const char* name) { return weights.at(prefix + name); };
  return {.modulation = tensor("modulation"),
          .self_qkv = {linear("self_attn.q", Role::self_qkv, 0), linear("self_attn.k", Role::self_qkv, 1),
                       linear("self_attn.v", Role::self_qkv, 2)},
          .self_output = linear("self_attn.o", Role::self_output),
          .self_norm_q = tensor("self_attn.norm_q.weight"),
          .self_norm_k = tensor("self_attn.norm_k.weight"),
          .norm3_weight = tensor("norm3.weight"),
          .norm3_bias = tensor("norm3.bias"),
          .cross_query = linear("cross_attn.q", Role::cross_query),
          .cross_key_value = {linear("cross_attn.k", Role::cross_key_value, 0), linear("cross_attn.v", Role::cross_key_value, 1)},
          .cross_output = linear("cross_attn.o", Role::cross_output),
          .cross_norm_q = tensor("cross_attn.norm_q.weight"),
          .cross_norm_k = tensor("cross_attn.norm_k.weight"),
          .ffn_up = linear("ffn.0", Role::ffn_up),
          .ffn_down = linear("ffn.2", Role::ffn_down)};
}

// [B, L, d] -> [B, heads, L, head_dim]
at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) { return x.unflatten(2, {heads, x.size(2) / heads}).transpose(1, 2); }

}  // namespace

Transformer::Transformer(const TransformerConfig& config, WeightLoader load, Part part, std::shared_ptr<const Seams> seams,
                         std::unique_ptr<BlockStore> blocks)
    : config_(config), load_(std::move(load)), part_(part), seams_(std::move(seams)), blocks_(std::move(blocks)) {
  const checkpoint::Weights outside = load_(kOutsideBlocks);
  const auto linear = [&](const char* name, Role role, int index = 0) {
    return make_linear(outside, name, {.part = part, .role = role, .index = index}, *seams_);
  };
  patch_embedding_ = linear("patch_embedding", Role::patch_embedding);
  text_in_ = linear("text_embedding.0", Role::text_embedding, 0);
  text_out_ = linear("text_embedding.2", Role::text_embedding, 1);
  time_in_ = linear("time_embedding.0", Role::time_embedding, 0);
  time_out_ = linear("time_embedding.2", Role::time_embedding, 1);
  time_projection_ = linear("time_projection.1", Role::time_projection);
  head_modulation_ = outside.at("head.modulation");
  head_ = linear("head.head", Role::head);
  for (int i = 0; i < config.layers; ++i) {
    Block block = make_block(load_(i), part, i, *seams_, /*keep_reference=*/false);
    packed_.push_back(has_packed_weights(block));
    blocks_->add(std::move(block));
  }
}

Transformer::Transformer(const TransformerConfig& config, const checkpoint::Weights& weights, Part part, std::shared_ptr<const Seams> seams)
    : Transformer(
          config, [weights](int) { return weights; }, part, std::move(seams), resident_blocks()) {}

TextContext Transformer::prepare_text(const at::Tensor& embeds) const {
  WAN_CHECK(embeds.dim() == 3 && embeds.size(1) <= config_.text_length && embeds.size(2) == config_.text_dim,
            "prompt embeddings must be [B, up to {}, {}]", config_.text_length, config_.text_dim);
  at::Tensor padded = embeds;
  if (const auto missing = config_.text_length - embeds.size(1); missing > 0)
    padded = at::cat({embeds, at::zeros({embeds.size(0), missing, embeds.size(2)}, embeds.options())}, 1);
  const at::Tensor hidden = at::gelu(seams_->project(text_in_, {.tensor = padded}), "tanh");
  const Activation text = {.tensor = seams_->project(text_out_, {.tensor = hidden})};  // [B, text_length, d]
  TextContext context;
  for (int i = 0; i < config_.layers; ++i)
    context.blocks.push_back(with_block(*blocks_, i, [&](const Block& block) {
      const auto kv = seams_->qkv(block.cross_key_value, text);
      const auto normed = seams_->qk_norm_rope({.query = kNone,
                                                .key = kv[0],
                                                .query_weight = kNone,
                                                .key_weight = block.cross_norm_k,
                                                .cosine = kNone,
                                                .sine = kNone,
                                                .heads = config_.heads,
                                                .eps = config_.eps});
      return TextContext::KeyValue{.key = normed[1], .value = split_heads(kv[1], config_.heads)};
    }));
  return context;
}

RopeTables Transformer::prepare_rope(at::IntArrayRef shape) const {
  return make_rope_tables(shape[2] / config_.patch[0], shape[3] / config_.patch[1], shape[4] / config_.patch[2], config_.head_dim,
                          head_modulation_.device());
}

at::Tensor Transformer::patchify(const at::Tensor& x) const {
  const auto &p = config_.patch, n = x.sizes().vec();
  return x.reshape({n[0], n[1], n[2] / p[0], p[0], n[3] / p[1], p[1], n[4] / p[2], p[2]})
      .permute({0, 2, 4, 6, 1, 3, 5, 7})  // [B, f, r, c, C, pt, ph, pw]
      .reshape({n[0], -1, n[1] * config_.patch_volume()});
}

at::Tensor Transformer::unpatchify(const at::Tensor& tokens, at::IntArrayRef n) const {
  const auto& p = config_.patch;
  return tokens.reshape({n[0], n[2] / p[0], n[3] / p[1], n[4] / p[2], p[0], p[1], p[2], config_.out_channels})
      .permute({0, 7, 1, 4, 2, 5, 3, 6})  // [B, C, f, pt, r, ph, c, pw]
      .reshape({n[0], config_.out_channels, n[2], n[3], n[4]});
}

at::Tensor timestep_sinusoids(const at::Tensor& timesteps, std::int64_t freq_dim) {
  const std::int64_t half = freq_dim / 2;
  const at::Tensor frequencies = at::exp(at::arange(half, timesteps.options()) * (-std::log(10000.0) / static_cast<double>(half)));
  const at::Tensor angles = timesteps.unsqueeze(1) * frequencies;  // float64: a float32 angle of 1000 would be off by 6e-5
  return at::cat({angles.cos(), angles.sin()}, 1).to(at::kFloat);
}

TimeEmbedding Transformer::prepare_time(std::span<const double> timesteps) const {
  return prepare_time(timestep_sinusoids(at::tensor(at::ArrayRef<double>(timesteps.data(), timesteps.size())), config_.freq_dim)
                          .to(head_modulation_.device()));
}

TimeEmbedding Transformer::prepare_time(const at::Tensor& sinusoids) const {
  const at::Tensor hidden = at::silu(seams_->project(time_in_, {.tensor = sinusoids}));
  const at::Tensor embedding = seams_->project(time_out_, {.tensor = hidden});
  return {.embedding = embedding,
          .modulation = seams_->project(time_projection_, {.tensor = at::silu(embedding)}).unflatten(1, {6, config_.dim()})};
}

at::Tensor Transformer::self_attention(const Block& block, Activation x, const RopeTables& rope) const {
  auto qkv = seams_->qkv(block.self_qkv, x);
  x = {};
  auto normed = seams_->qk_norm_rope({.query = qkv[0],
                                      .key = qkv[1],
                                      .query_weight = block.self_norm_q,
                                      .key_weight = block.self_norm_k,
                                      .cosine = rope.cosine,
                                      .sine = rope.sine,
                                      .heads = config_.heads,
                                      .eps = config_.eps});
  qkv[0].reset();
  qkv[1].reset();
  at::Tensor mixed = seams_->attention(normed[0], normed[1], split_heads(qkv[2], config_.heads));
  qkv.clear();
  normed = {};
  return seams_->project(block.self_output, {.tensor = std::move(mixed)});
}

at::Tensor Transformer::cross_attention(const Block& block, Activation x, const TextContext::KeyValue& text) const {
  at::Tensor query = seams_->project(block.cross_query, x);
  x = {};
  query = seams_->qk_norm_rope({.query = query,
                                .key = kNone,
                                .query_weight = block.cross_norm_q,
                                .key_weight = kNone,
                                .cosine = kNone,
                                .sine = kNone,
                                .heads = config_.heads,
                                .eps = config_.eps})[0];
  query = seams_->attention(query, text.key, text.value);
  return seams_->project(block.cross_output, {.tensor = std::move(query)});
}

Transformer::Stream Transformer::run_block(const Block& block, Stream stream, const at::Tensor& time, const TextContext::KeyValue& text,
                                           const RopeTables& rope) const {
  const at::Tensor m = block.modulation + time;  // [1 or B, 6, d]
  const auto slots = m.split(1, 1);              // one backward node for all, where six narrow views would each fill a tensor of zeros
  const auto dtype = static_cast<int>(block.ffn_up.dtype);
  // `stream.update` is freed as soon as it is in the residual stream, as everything of this size is.
  const auto advance = [&](const at::Tensor& gate, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& scale,
                           const at::Tensor& shift) {
    auto next = seams_->residual_norm_modulate({.residual = stream.x,
                                                .update = stream.update,
                                                .gate = gate,
                                                .norm_weight = weight,
                                                .norm_bias = bias,
                                                .scale = scale,
                                                .shift = shift,
                                                .eps = config_.eps,
                                                .output_dtype = dtype});
    stream.x = std::move(next.residual);
    stream.update.reset();
    return std::move(next.activation);
  };
  stream.update = self_attention(block, advance(stream.gate, kNone, kNone, slots[1], slots[0]), rope);
  stream.update = cross_attention(block, advance(slots[2], block.norm3_weight, block.norm3_bias, kNone, kNone), text);
  stream.update = seams_->ffn(block.ffn_up, block.ffn_down, advance(kNone, kNone, kNone, slots[4], slots[3]));
  stream.gate = slots[5];
  return stream;
}

at::Tensor Transformer::forward(const at::Tensor& latents, const TimeEmbedding& time, const TextContext& text, const RopeTables& rope,
                                BlockHealth* health) const {
  const auto n = latents.sizes();
  WAN_CHECK(latents.dim() == 5 && n[1] == config_.in_channels && n[2] % config_.patch[0] == 0 && n[3] % config_.patch[1] == 0 &&
                n[4] % config_.patch[2] == 0,
            "latents must be [B, {}, T, h, w], divisible by the patch", config_.in_channels);
  WAN_CHECK(text.blocks.size() == packed_.size(), "the text context is of another model");
  Stream stream{.x = seams_->project(patch_embedding_, {.tensor = patchify(latents)})};
  for (int i = 0; i < config_.layers; ++i) {
    const NvtxRange range(fmt::format("block {}", i));
    stream = with_block(*blocks_, i, [&](const Block& block) {
      return run_block(block, std::move(stream), time.modulation, text.blocks[static_cast<std::size_t>(i)], rope);
    });
    if (health) health->finite.push_back(at::isfinite(stream.x.sum() + stream.update.sum()));
  }
  const at::Tensor m = head_modulation_ + time.embedding.unsqueeze(1);  // [1 or B, 2, d]
  const auto dtype = static_cast<int>(head_.dtype);
  const auto last = seams_->residual_norm_modulate({.residual = stream.x,
                                                    .update = stream.update,
                                                    .gate = stream.gate,
                                                    .norm_weight = kNone,
                                                    .norm_bias = kNone,
                                                    .scale = m.narrow(1, 1, 1),
                                                    .shift = m.narrow(1, 0, 1),
                                                    .eps = config_.eps,
                                                    .output_dtype = dtype});
  return unpatchify(widened(seams_->project(head_, last.activation)), n);
}

at::Tensor Transformer::forward_block(std::int64_t block, const at::Tensor& x, const at::Tensor& time, const TextContext& text,
                                      const RopeTables& rope) const {
  const auto& context = text.blocks.at(static_cast<std::size_t>(block));
  const Stream out =
      with_block(*blocks_, static_cast<int>(block), [&](const Block& b) { return run_block(b, {.x = x}, time, context, rope); });
  return out.x + out.update * out.gate;
}

bool Transformer::use_reference_weights(int block) {
  const auto at = static_cast<std::size_t>(block);
  if (!packed_.at(at)) return false;
  blocks_->replace(block, make_block(load_(block), part_, block, *seams_, /*keep_reference=*/true));
  packed_[at] = false;
  return true;
}

std::int64_t Transformer::device_bytes() const {
  std::int64_t bytes = static_cast<std::int64_t>(head_modulation_.nbytes()) + blocks_->device_bytes();
  for (const Linear* layer : {&patch_embedding_, &text_in_, &text_out_, &time_in_, &time_out_, &time_projection_, &head_})
    bytes += bytes_of(*layer);
  return bytes;
}

}  // namespace wan::model
