#include "engine/vae/vae.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/checkpoint/weights.h"
#include "engine/runtime/tensor.h"
#include "engine/seams.h"
#include "engine/vae/frames.h"
#include "engine/vae/temporal_cache.h"

namespace wan::vae {
namespace {

at::ScalarType at_least_float32(at::ScalarType type) { return type == at::kDouble ? at::kDouble : at::kFloat; }

at::Tensor statistic(const std::vector<double>& values, const at::Tensor& like) {
  const at::TensorOptions options(at_least_float32(like.scalar_type()));
  return at::tensor(at::ArrayRef<double>(values), options).view({1, -1, 1, 1, 1}).to(like.device());
}

// oneDNN's convolutions are several times faster channels-last than plain where channels are few; on a GPU the choice is an optimisation's.
at::Tensor arranged(const at::Tensor& x) { return x.is_cpu() ? x.contiguous(at::MemoryFormat::ChannelsLast3d) : x.contiguous(); }

}  // namespace

Vae::Vae(const VaeConfig& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams)
    : Vae(config, weights, seams, Loader(weights, *seams)) {}

Vae::Vae(const VaeConfig& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams, Loader loader)
    : config_(config),
      seams_(std::move(seams)),
      dtype_(weights.at("conv2.weight").scalar_type()),
      encoder_(loader, encoder_layout(config)),
      encoded_(loader.convolution("conv1")),
      decodable_(loader.convolution("conv2")),
      decoder_(loader, decoder_layout(config)),
      mean_(statistic(config.latents_mean, weights.at("conv2.weight"))),
      inverse_std_(statistic(config.latents_std, weights.at("conv2.weight")).reciprocal()) {}

at::Tensor Vae::decode_chunk(const at::Tensor& latents, TemporalCache& cache, bool last) const {
  cache.begin_chunk(last);
  Pass pass{*seams_, cache};
  // Divided by the reciprocal rather than multiplied by the deviation, because the reference rounds so.
  const at::Tensor scaled = (latents.to(mean_.scalar_type()) / inverse_std_ + mean_).to(dtype_);
  const at::Tensor video = decoder_(seams_->convolve(decodable_, arranged(scaled)), pass);
  return unpatchify(video, config_.patch_size).to(mean_.scalar_type());
}

at::Tensor Vae::decode(const at::Tensor& latents, std::int64_t chunk_latent_frames) const {
  WAN_CHECK(latents.dim() == 5 && latents.size(1) == config_.z_dim, "latents must be [B, {}, T, h, w]", config_.z_dim);
  const std::int64_t total = latents.size(2);
  const std::int64_t chunk = chunk_latent_frames == kWholeSequence ? total : chunk_latent_frames;
  WAN_CHECK(total > 0 && chunk > 0, "{} latent frames cannot be decoded in chunks of {}", total, chunk);
  TemporalCache cache;
  std::vector<at::Tensor> pieces;
  for (std::int64_t start = 0; start < total; start += chunk) {
    const std::int64_t count = std::min(chunk, total - start);
    pieces.push_back(decode_chunk(latents.narrow(2, start, count), cache, start + count == total));
  }
  return pieces.size() == 1 ? pieces.front() : at::cat(pieces, 2);
}

at::Tensor Vae::encode_chunk(const at::Tensor& video, TemporalCache& cache, bool last) const {
  cache.begin_chunk(last);
  Pass pass{*seams_, cache};
  const at::Tensor pixels = arranged(patchify(video.to(dtype_), config_.patch_size));
  const at::Tensor moments = seams_->convolve(encoded_, encoder_(pixels, pass));  // [B, 2z, T, h, w]
  return (moments.narrow(1, 0, config_.z_dim).to(mean_.scalar_type()) - mean_) * inverse_std_;
}

at::Tensor Vae::encode(const at::Tensor& video, std::int64_t chunk_latent_frames) const {
  WAN_CHECK(video.dim() == 5 && video.size(1) == 3, "a video must be [B, 3, F, H, W]");
  const std::int64_t factor = config_.temporal_factor();
  const std::int64_t cell = config_.spatial_factor();
  const std::int64_t total = video.size(2);
  WAN_CHECK(total > 0 && (total - 1) % factor == 0, "{} frames are not 1 more than a multiple of {}", total, factor);
  WAN_CHECK(video.size(3) % cell == 0 && video.size(4) % cell == 0, "{} x {} pixels are not multiples of {}", video.size(3), video.size(4),
            cell);
  const std::int64_t chunk = chunk_latent_frames == kWholeSequence ? 1 + (total - 1) / factor : chunk_latent_frames;
  WAN_CHECK(chunk > 0, "a chunk of {} latent frames", chunk);
  TemporalCache cache;
  std::vector<at::Tensor> pieces;
  std::int64_t count = 0;
  for (std::int64_t start = 0; start < total; start += count) {
    // The first latent frame stands for one frame, every later one for `factor` of them.
    count = std::min(chunk * factor - (start == 0 ? factor - 1 : 0), total - start);
    pieces.push_back(encode_chunk(video.narrow(2, start, count), cache, start + count == total));
  }
  return pieces.size() == 1 ? pieces.front() : at::cat(pieces, 2);
}

}  // namespace wan::vae
