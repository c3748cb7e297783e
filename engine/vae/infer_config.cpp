// The configuration of a VAE from the official names and shapes of its tensors.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "engine/base/error.h"
#include "engine/checkpoint/source.h"
#include "engine/vae/config.h"

namespace wan::vae {
namespace {

// Of each latent channel over the training set of the released VAEs; the official code has them as constants.
constexpr std::array<double, 16> kMean16 = {-0.7571, -0.7089, -0.9113, 0.1075,  -0.1745, 0.9653,  -0.1517, 1.5508,
                                            0.4134,  -0.0715, 0.5517,  -0.3632, -0.1922, -0.9497, 0.2503,  -0.2921};
constexpr std::array<double, 16> kStd16 = {2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743,
                                           3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160};
constexpr std::array<double, 48> kMean48 = {-0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174,  0.1838,  0.1557,  -0.1382, 0.0542,
                                            0.2813,  0.0891,  0.1570,  -0.0098, 0.0375,  -0.1825, -0.2246, -0.1207, -0.0698, 0.5109,
                                            0.2665,  -0.2108, -0.2158, 0.2502,  -0.2055, -0.0322, 0.1109,  0.1567,  -0.0729, 0.0899,
                                            -0.2799, -0.1230, -0.0313, -0.1649, 0.0117,  0.0723,  -0.2839, -0.2083, -0.0520, 0.3748,
                                            0.0152,  0.1957,  0.1433,  -0.2944, 0.3573,  -0.0548, -0.1681, -0.0667};
constexpr std::array<double, 48> kStd48 = {0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013, 0.8158, 1.0344, 0.5894, 1.0901,
                                           0.6885, 0.6165, 0.8454, 0.4978, 0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
                                           0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093, 0.5709, 0.6065, 0.6415, 0.4944,
                                           0.5726, 1.2042, 0.5458, 1.6887, 0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744};

// Walks the encoder's modules in order; each stage but the last ends with a resampling.
class EncoderWalk {
 public:
  EncoderWalk(const checkpoint::Source& source, VaeConfig& config) : source_(source), config_(config) {}

  void run() {
    config_.dim_mult.clear();
    config_.temporal_downsample.clear();
    if (config_.is_residual) {
      for (std::int64_t stage = 0; residual(name(stage, 0)); ++stage) {
        std::int64_t place = 0;
        while (residual(name(stage, place))) ++place;
        end_stage(place, name(stage, place - 1));
        if (resamples(name(stage, place))) end_resampled(name(stage, place));
      }
      return;
    }
    for (std::int64_t at = 0, first = 0; residual(name(at)); first = at) {
      while (residual(name(at))) ++at;
      end_stage(at - first, name(at - 1));
      if (resamples(name(at))) end_resampled(name(at++));
    }
  }

 private:
  static std::string name(std::int64_t module) { return fmt::format("encoder.downsamples.{}", module); }
  static std::string name(std::int64_t stage, std::int64_t place) { return fmt::format("{}.downsamples.{}", name(stage), place); }
  bool residual(const std::string& module) const { return source_.has(module + ".residual.2.weight"); }
  bool resamples(const std::string& module) const { return source_.has(module + ".resample.1.weight"); }
  void end_stage(std::int64_t blocks, const std::string& last_block) {
    config_.num_res_blocks = blocks;
    config_.dim_mult.push_back(source_.shape(last_block + ".residual.6.weight", 5)[0] / std::max<std::int64_t>(config_.base_dim, 1));
  }
  void end_resampled(const std::string& module) { config_.temporal_downsample.push_back(source_.has(module + ".time_conv.weight")); }

  const checkpoint::Source& source_;
  VaeConfig& config_;
};

// 3 colours in patches of n x n pixels.
std::int64_t patch_of(std::int64_t channels) {
  std::int64_t n = 1;
  while (n < 16 && 3 * n * n < channels) ++n;
  return n;
}

}  // namespace

void set_released_statistics(VaeConfig& config, const std::string& place) {
  const auto set = [&](const auto& mean, const auto& std) {
    config.latents_mean.assign(mean.begin(), mean.end());
    config.latents_std.assign(std.begin(), std.end());
  };
  if (config.z_dim == 16)
    set(kMean16, kStd16);
  else if (config.z_dim == 48)
    set(kMean48, kStd48);
  else
    throw UsageError(
        fmt::format("{}: {} latent channels; nothing says their mean and deviation, which are known for "
                    "16 (Wan2.1) and 48 (Wan2.2). The diffusers layout stores them as latents_mean and latents_std",
                    place, config.z_dim));
}

VaeConfig infer_vae_config(const checkpoint::Source& source) {
  const auto& input = source.shape("encoder.conv1.weight", 5);    // [base, in, 3, 3, 3]
  const auto& output = source.shape("decoder.head.2.weight", 5);  // [out, decoder base, 3, 3, 3]
  VaeConfig config{.base_dim = input[0],
                   .z_dim = source.shape("conv2.weight", 5)[0],
                   .is_residual = source.has("encoder.downsamples.0.downsamples.0.residual.2.weight"),
                   .in_channels = input[1],
                   .out_channels = output[0],
                   .patch_size = patch_of(input[1])};
  EncoderWalk(source, config).run();
  if (config.dim_mult.empty() || config.dim_mult.front() < 1)
    throw UsageError(fmt::format("{}: its encoder has no stages like those of a Wan VAE", source.place));
  config.decoder_base_dim = output[1] / config.dim_mult.front();
  set_released_statistics(config, source.place);
  check_vae_config(config, source.place);
  return config;
}

}  // namespace wan::vae
