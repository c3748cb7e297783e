#include "engine/vae/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/vae/layout.h"

namespace wan::vae {
namespace {

void require(bool condition, const std::string& place, std::string_view expectation) {
  if (!condition) throw UsageError(fmt::format("{}: {}", place, expectation));
}

void check(const VaeConfig& config, const std::string& place) {
  // The bounds keep products of them far from overflow, and a module list from a hostile file short.
  const auto positive = [](std::int64_t value) { return value > 0 && value <= 4096; };
  require(config.dim_mult.size() <= 16 && config.temporal_downsample.size() <= 16, place,
          "dim_mult and temperal_downsample have at most 16 entries");
  require(config.num_res_blocks <= 64 && config.patch_size <= 64, place, "num_res_blocks and patch_size are at most 64");
  require(std::max({config.base_dim, config.decoder_base_dim, config.z_dim}) <= (1 << 20), place,
          "base_dim, decoder_base_dim and z_dim are at most 2^20");
  require(config.base_dim > 0 && config.decoder_base_dim > 0, place, "base_dim and decoder_base_dim must be positive");
  require(config.z_dim > 0, place, "z_dim must be positive");
  require(config.num_res_blocks > 0, place, "num_res_blocks must be positive");
  require(!config.dim_mult.empty() && std::ranges::all_of(config.dim_mult, positive), place, "dim_mult must list positive multipliers");
  require(config.temporal_downsample.size() + 1 >= config.dim_mult.size(), place,
          "temperal_downsample needs one entry for each resampling, that is one fewer than dim_mult");
  require(config.patch_size > 0, place, "patch_size must be positive or null");
  const std::int64_t pixels = 3 * config.patch_size * config.patch_size;
  require(config.in_channels == pixels && config.out_channels == pixels, place,
          fmt::format("in_channels and out_channels must be 3 colours in patches of {0}x{0}, {1}", config.patch_size, pixels));
  require(config.latents_mean.size() == static_cast<std::size_t>(config.z_dim), place, "latents_mean needs z_dim entries");
  require(config.latents_std.size() == static_cast<std::size_t>(config.z_dim), place, "latents_std needs z_dim entries");
  require(std::ranges::all_of(config.latents_std, [](double value) { return value > 0; }), place, "latents_std must be positive");
}

// diffusers takes the latent's size from these keys and the picture's from the layers; a file in which they differ describes no model.
void check_factors(const VaeConfig& config, const io::JsonValue& json) {
  for (const auto& [key, factor] :
       {std::pair{"scale_factor_spatial", config.spatial_factor()}, std::pair{"scale_factor_temporal", config.temporal_factor()}})
    if (const auto stated = json.get(key, factor); stated != factor)
      require(false, json.where(), fmt::format("{} = {}, but the layers that the file describes give {}", key, stated, factor));
}

// Shortcuts without weights average or repeat whole groups of channels, so widths must divide; and no width may vanish by halving.
void check_widths(const VaeConfig& config, const std::string& place) {
  const auto check_half = [&](const HalfLayout& half, bool up) {
    for (const StageLayout& stage : half.stages) {
      require(stage.out > 0, place, "decoder_base_dim is too small to be halved at each upsampling");
      if (!stage.shortcut) continue;
      const std::int64_t cell = stage.resample ? (stage.resample->temporal ? 8 : 4) : 1;
      require(up ? stage.out * cell % stage.in == 0 : stage.in * cell % stage.out == 0, place,
              fmt::format("base_dim, decoder_base_dim and dim_mult give a stage of {} to {} channels, which its shortcut cannot bridge",
                          stage.in, stage.out));
    }
  };
  check_half(encoder_layout(config), false);
  check_half(decoder_layout(config), true);
}

}  // namespace

std::int64_t VaeConfig::spatial_factor() const { return patch_size << (stages() - 1); }

std::int64_t VaeConfig::temporal_factor() const {
  return std::int64_t{1} << std::count(temporal_downsample.begin(), temporal_downsample.begin() + (stages() - 1), true);
}

std::int64_t VaeConfig::frames(std::int64_t latent_frames) const { return 1 + (latent_frames - 1) * temporal_factor(); }

void check_vae_config(const VaeConfig& config, const std::string& place) {
  check(config, place);
  check_widths(config, place);
}

VaeConfig parse_vae_config(const io::JsonValue& json) {
  require(json.get("_class_name", "AutoencoderKLWan") == "AutoencoderKLWan", json.where(), "_class_name must be AutoencoderKLWan");
  require(!json.has("attn_scales") || json.at("attn_scales").size() == 0, json.where(),
          "attn_scales must be empty: attention stands in the middle block only");
  VaeConfig config;
  config.base_dim = json.get("base_dim", config.base_dim);
  config.decoder_base_dim = json.get("decoder_base_dim", config.base_dim);
  config.z_dim = json.get("z_dim", config.z_dim);
  config.num_res_blocks = json.get("num_res_blocks", config.num_res_blocks);
  config.is_residual = json.get("is_residual", config.is_residual);
  config.in_channels = json.get("in_channels", config.in_channels);
  config.out_channels = json.get("out_channels", config.out_channels);
  config.patch_size = json.get("patch_size", config.patch_size);
  if (json.has("dim_mult")) config.dim_mult = json.at("dim_mult").as_ints();
  if (json.has("temperal_downsample")) {  // the format's own spelling
    const io::JsonValue temporal = json.at("temperal_downsample");
    config.temporal_downsample.clear();
    for (std::size_t i = 0; i < temporal.size(); ++i) config.temporal_downsample.push_back(temporal.at(i).as_bool());
  }
  if (!json.has("latents_mean") || !json.has("latents_std")) set_released_statistics(config, json.where());
  if (json.has("latents_mean")) config.latents_mean = json.at("latents_mean").as_doubles();
  if (json.has("latents_std")) config.latents_std = json.at("latents_std").as_doubles();
  check_vae_config(config, json.where());
  check_factors(config, json);
  return config;
}

std::string print_vae_config(const VaeConfig& config) {
  return fmt::format(R"({{
  "_class_name": "AutoencoderKLWan",
  "attn_scales": [],
  "base_dim": {},
  "decoder_base_dim": {},
  "dim_mult": [{}],
  "dropout": 0.0,
  "in_channels": {},
  "is_residual": {},
  "latents_mean": [{}],
  "latents_std": [{}],
  "num_res_blocks": {},
  "out_channels": {},
  "patch_size": {},
  "scale_factor_spatial": {},
  "scale_factor_temporal": {},
  "temperal_downsample": [{}],
  "z_dim": {}
}}
)",
                     config.base_dim, config.decoder_base_dim, fmt::join(config.dim_mult, ", "), config.in_channels, config.is_residual,
                     fmt::join(config.latents_mean, ", "), fmt::join(config.latents_std, ", "), config.num_res_blocks, config.out_channels,
                     config.patch_size == 1 ? "null" : std::to_string(config.patch_size), config.spatial_factor(), config.temporal_factor(),
                     fmt::join(config.temporal_downsample, ", "), config.z_dim);
}

VaeConfig read_vae_config(const std::filesystem::path& path) { return parse_vae_config(io::JsonValue::read(path)); }

}  // namespace wan::vae
