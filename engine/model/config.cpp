#include "engine/model/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/checkpoint/source.h"
#include "engine/io/json.h"
#include "engine/model/known_models.h"

namespace wan::model {
namespace {

void check(const TransformerConfig& config, const std::string& place) {
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", place, what)); };
  for (const auto& [name, value] : {std::pair{"num_attention_heads", config.heads},
                                    {"attention_head_dim", config.head_dim},
                                    {"ffn_dim", config.ffn_dim},
                                    {"num_layers", config.layers},
                                    {"in_channels", config.in_channels},
                                    {"out_channels", config.out_channels},
                                    {"text_dim", config.text_dim},
                                    {"freq_dim", config.freq_dim}})
    if (value < 1 || value > (1 << 20)) refuse(fmt::format("{} = {} is not a size", name, value));
  if (config.layers > 1024) refuse(fmt::format("num_layers = {}: expected at most 1024", config.layers));
  if (!(config.eps >= 0)) refuse(fmt::format("eps = {} is negative", config.eps));
  if (config.head_dim % 2 != 0 || config.head_dim < 6)
    refuse(fmt::format("attention_head_dim = {}: RoPE needs an even size of at least 6", config.head_dim));
  if (config.freq_dim % 2 != 0) refuse(fmt::format("freq_dim = {} must be even", config.freq_dim));
  if (config.patch.size() != 3 || std::ranges::any_of(config.patch, [](std::int64_t size) { return size < 1 || size > 64; }))
    refuse(fmt::format("patch_size = [{}] must be three sizes (t, h, w) up to 64", fmt::join(config.patch, ", ")));
}

// Of dim channels, for a checkpoint that does not say it.
std::int64_t heads_of_width(std::int64_t dim, const std::string& place) {
  for (const KnownModel& model : known_models())
    if (model.heads * model.head_dim == dim) return model.heads;
  throw UsageError(fmt::format("{}: no config.json, and no released model is {} channels wide; write one with \"num_heads\"", place, dim));
}

}  // namespace

TransformerConfig read_transformer_config(const std::filesystem::path& folder) {
  return parse_transformer_config(io::JsonValue::read(folder / "config.json"));
}

TransformerConfig parse_transformer_config(const io::JsonValue& json) {
  const TransformerConfig defaults;
  TransformerConfig config;
  config.heads = json.get("num_attention_heads", defaults.heads);
  config.head_dim = json.get("attention_head_dim", defaults.head_dim);
  config.ffn_dim = json.get("ffn_dim", defaults.ffn_dim);
  config.layers = json.get("num_layers", defaults.layers);
  config.in_channels = json.get("in_channels", defaults.in_channels);
  config.out_channels = json.get("out_channels", config.in_channels);
  config.text_dim = json.get("text_dim", defaults.text_dim);
  config.freq_dim = json.get("freq_dim", defaults.freq_dim);
  config.eps = json.get("eps", defaults.eps);
  if (json.has("patch_size")) config.patch = json.at("patch_size").as_ints();
  config.text_length = json.get("text_len", config.text_length);  // no key of diffusers, which takes max_sequence_length from the caller

  const std::string place = json.where();
  check(config, place);
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", place, what)); };
  if (json.get("qk_norm", "rms_norm_across_heads") != "rms_norm_across_heads")
    refuse("qk_norm other than rms_norm_across_heads is not a Wan transformer");
  if (!json.get("cross_attn_norm", true)) refuse("cross_attn_norm = false is not a Wan transformer");
  for (const char* key : {"image_dim", "added_kv_proj_dim"})
    if (json.has(key)) refuse(fmt::format("{} is set: an image-to-video transformer; only text-to-video is supported", key));
  return config;
}

TransformerConfig read_official_transformer_config(const std::filesystem::path& folder, const checkpoint::Source& source) {
  const auto& patch = source.shape("patch_embedding.weight", 5);  // [d, C, t, h, w]
  TransformerConfig config{.ffn_dim = source.shape("blocks.0.ffn.0.weight", 2)[0],
                           .layers = 0,
                           .in_channels = patch[1],
                           .text_dim = source.shape("text_embedding.0.weight", 2)[1],
                           .freq_dim = source.shape("time_embedding.0.weight", 2)[1],
                           .patch = {patch[2], patch[3], patch[4]}};
  while (source.has(fmt::format("blocks.{}.modulation", config.layers))) ++config.layers;
  const std::int64_t volume = std::max<std::int64_t>(config.patch_volume(), 1);
  config.out_channels = source.shape("head.head.weight", 2)[0] / volume;
  std::int64_t dim = patch[0];
  std::string place = source.place;
  const auto file = folder / "config.json";
  if (!std::filesystem::exists(file)) {
    config.heads = heads_of_width(dim, place);
  } else {
    place = file.string();
    const auto json = io::JsonValue::read(file);
    if (const std::string type = json.get("model_type", "t2v"); type != "t2v" && type != "ti2v")
      throw UsageError(fmt::format("{}: model_type '{}'; only text-to-video (t2v, ti2v) is supported", place, type));
    dim = json.get("dim", dim);
    config.heads = json.at("num_heads").as_int();
    config.ffn_dim = json.get("ffn_dim", config.ffn_dim);
    config.layers = json.get("num_layers", config.layers);
    config.in_channels = json.get("in_dim", config.in_channels);
    config.out_channels = json.get("out_dim", config.out_channels);
    config.freq_dim = json.get("freq_dim", config.freq_dim);
    config.text_length = json.get("text_len", config.text_length);
    config.eps = json.get("eps", config.eps);
  }
  if (config.heads < 1 || dim % config.heads != 0)
    throw UsageError(fmt::format("{}: {} channels do not divide into {} heads", place, dim, config.heads));
  config.head_dim = dim / config.heads;
  check(config, place);
  return config;
}

}  // namespace wan::model
