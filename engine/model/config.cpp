#include "engine/model/config.h"

#include "engine/base/error.h"
#include "engine/io/json.h"

namespace wan::model {

TransformerConfig read_transformer_config(const std::filesystem::path& folder) {
  const auto json = io::JsonValue::read(folder / "config.json");
  const TransformerConfig defaults;
  TransformerConfig config;
  config.heads = json.at("num_attention_heads").as_int();
  config.head_dim = json.at("attention_head_dim").as_int();
  config.ffn_dim = json.at("ffn_dim").as_int();
  config.layers = json.at("num_layers").as_int();
  config.in_channels = json.at("in_channels").as_int();
  config.out_channels = json.at("out_channels").as_int();
  config.text_dim = json.at("text_dim").as_int();
  config.freq_dim = json.get("freq_dim", defaults.freq_dim);
  config.eps = json.get("eps", defaults.eps);
  if (json.has("patch_size")) config.patch = json.at("patch_size").as_ints();

  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", (folder / "config.json").string(), what)); };
  for (const auto& [name, value] : {std::pair{"num_attention_heads", config.heads},
                                    {"attention_head_dim", config.head_dim},
                                    {"ffn_dim", config.ffn_dim},
                                    {"num_layers", config.layers},
                                    {"in_channels", config.in_channels},
                                    {"out_channels", config.out_channels},
                                    {"text_dim", config.text_dim},
                                    {"freq_dim", config.freq_dim}})
    if (value < 1 || value > (1 << 20)) refuse(fmt::format("{} = {} is not a size", name, value));
  if (config.head_dim % 2 != 0 || config.head_dim < 6)
    refuse(fmt::format("attention_head_dim = {}: RoPE needs an even size of at least 6", config.head_dim));
  if (config.freq_dim % 2 != 0) refuse(fmt::format("freq_dim = {} must be even", config.freq_dim));
  if (config.patch.size() != 3 || config.patch[0] < 1 || config.patch[1] < 1 || config.patch[2] < 1)
    refuse("patch_size must be three sizes (t, h, w)");
  if (json.get("qk_norm", "rms_norm_across_heads") != "rms_norm_across_heads")
    refuse("qk_norm other than rms_norm_across_heads is not a Wan transformer");
  if (!json.get("cross_attn_norm", true)) refuse("cross_attn_norm = false is not a Wan transformer");
  if (json.has("image_dim") || json.has("added_kv_proj_dim"))
    refuse("this is an image-to-video transformer; only text-to-video is supported");
  return config;
}

}  // namespace wan::model
