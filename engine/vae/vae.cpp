#include "engine/vae/vae.h"

#include <ATen/Context.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/checkpoint/weights.h"
#include "engine/runtime/tensor.h"
#include "engine/seams.h"
#include "engine/vae/frames.h"
#include "engine/vae/temporal_cache.h"
#include "engine/vae/tiles.h"

namespace wan::vae {
namespace {

at::Tensor statistic(const std::vector<double>& values, const at::Tensor& like) {
  const at::TensorOptions options(at_least_float32(like.scalar_type()));
  return at::tensor(at::ArrayRef<double>(values), options).view({1, -1, 1, 1, 1}).to(like.device());
}

struct Span {
  std::int64_t start, size;
  std::int64_t end() const { return start + size; }
};

// A sequence cut in time.
std::vector<Span> chunks(std::int64_t total, std::int64_t chunk) {
  if (chunk == kWholeSequence) chunk = total;
  std::vector<Span> spans;
  for (std::int64_t start = 0; start < total; start += chunk) spans.push_back({start, std::min(chunk, total - start)});
  return spans;
}

// Puts a chunk's features into those of the sequence.
void gather(at::Tensor& whole, const at::Tensor& part, const Span& span, std::int64_t total) {
  if (!part.defined()) return;
  auto shape = part.sizes().vec();
  shape[2] = total;
  if (!whole.defined()) whole = at::empty(shape, part.options());
  whole.narrow(2, span.start, span.size).copy_(part);
}

// oneDNN's convolutions are several times faster channels-last than plain where channels are few, and tensor cores want that order;
// cuDNN's float32 ones would make copies of it (suites/records/h200_convolutions.md). Every layer keeps its input's order.
at::Tensor arranged(const at::Tensor& x) {
  const bool plain = !x.is_cpu() && x.scalar_type() == at::kFloat && !at::globalContext().allowTF32CuDNN();
  return x.contiguous(plain ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast3d);
}

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

Features Vae::prepare(const at::Tensor& latents, TemporalCache& cache) const {
  Pass pass{*seams_, cache};
  // Divided by the reciprocal rather than multiplied by the deviation, because the reference rounds so.
  const at::Tensor scaled = (latents.to(mean_.scalar_type()) / inverse_std_ + mean_).to(dtype_);
  return decoder_.prepare(seams_->convolve(decodable_, arranged(scaled)), pass);
}

at::Tensor Vae::finish(Features features, TemporalCache& cache) const {
  Pass pass{*seams_, cache};
  return unpatchify(decoder_.finish(std::move(features), pass), config_.patch_size).to(mean_.scalar_type());
}

at::Tensor Vae::decode_chunk(const at::Tensor& latents, TemporalCache& cache, bool last) const {
  cache.begin_chunk(last);
  return finish(prepare(latents, cache), cache);
}

void Vae::decode_tiles(const at::Tensor& latents, const Cut& cut, const TakePiece& take) const {
  const std::int64_t total = latents.size(2), scale = config_.spatial_factor();
  Features whole;  // [B, C, T, h, w]
  {
    TemporalCache cache;
    for (const Span& span : chunks(total, cut.chunk_latent_frames)) {
      cache.begin_chunk(span.end() == total);
      const Features part = prepare(latents.narrow(2, span.start, span.size), cache);
      gather(whole.input, part.input, span, total);
      gather(whole.refined, part.refined, span, total);
    }
  }
  const std::int64_t margin = tile_margin(config_);
  for (std::int64_t row = 0, column = 0; const Tile& y : cut_into_tiles(latents.size(3), cut.tile, margin)) {
    for (const Tile& x : cut_into_tiles(latents.size(4), cut.tile, margin)) {
      TemporalCache cache;
      for (const Span& span : chunks(total, cut.chunk_latent_frames)) {
        cache.begin_chunk(span.end() == total);
        const auto part = [&](const at::Tensor& t) {
          return t.defined() ? arranged(t.narrow(2, span.start, span.size).narrow(3, y.start, y.size).narrow(4, x.start, x.size)) : t;
        };
        const at::Tensor pixels = finish({.input = part(whole.input), .refined = part(whole.refined)}, cache);
        take({.pixels = pixels.narrow(3, y.keep_start * scale, y.keep_size * scale).narrow(4, x.keep_start * scale, x.keep_size * scale),
              .frame = span.start == 0 ? 0 : config_.frames(span.start),
              .row = row,
              .column = column});
      }
      column += x.keep_size * scale;
    }
    row += y.keep_size * scale;
    column = 0;
  }
}

void Vae::decode(const at::Tensor& latents, const Cut& cut, const TakePiece& take) const {
  WAN_CHECK(latents.dim() == 5 && latents.size(1) == config_.z_dim, "latents must be [B, {}, T, h, w]", config_.z_dim);
  WAN_CHECK(latents.size(2) > 0 && cut.chunk_latent_frames >= 0 && cut.tile >= 0, "{} latent frames cannot be decoded in chunks of {}",
            latents.size(2), cut.chunk_latent_frames);
  if (cut.tile != kWholePicture && std::max(latents.size(3), latents.size(4)) > cut.tile) return decode_tiles(latents, cut, take);
  TemporalCache cache;
  for (const Span& span : chunks(latents.size(2), cut.chunk_latent_frames))
    take({.pixels = decode_chunk(latents.narrow(2, span.start, span.size), cache, span.end() == latents.size(2)),
          .frame = span.start == 0 ? 0 : config_.frames(span.start),
          .row = 0,
          .column = 0});
}

at::Tensor Vae::decode(const at::Tensor& latents, const Cut& cut) const {
  at::Tensor video;
  decode(latents, cut, [&](const Piece& piece) {
    const auto& part = piece.pixels;
    const std::int64_t frames = config_.frames(latents.size(2)), scale = config_.spatial_factor();
    if (part.size(2) == frames && part.size(3) == latents.size(3) * scale && part.size(4) == latents.size(4) * scale) {
      video = part;
      return;
    }
    if (!video.defined()) video = at::empty({part.size(0), 3, frames, latents.size(3) * scale, latents.size(4) * scale}, part.options());
    video.narrow(2, piece.frame, part.size(2)).narrow(3, piece.row, part.size(3)).narrow(4, piece.column, part.size(4)).copy_(part);
  });
  return video;
}

at::Tensor Vae::encode_chunk(const at::Tensor& video, TemporalCache& cache, bool last) const {
  cache.begin_chunk(last);
  Pass pass{*seams_, cache};
  const at::Tensor pixels = arranged(patchify(video.to(dtype_), config_.patch_size));
  return seams_->convolve(encoded_, encoder_(pixels, pass)).to(mean_.scalar_type());
}

at::Tensor Vae::encode(const at::Tensor& video, std::int64_t chunk_latent_frames) const {
  return (encode_moments(video, chunk_latent_frames).narrow(1, 0, config_.z_dim) - mean_) * inverse_std_;
}

Posterior Vae::encode_distribution(const at::Tensor& video) const {
  const auto moments = encode_moments(video, kWholeSequence).chunk(2, 1);
  return {.mean = moments[0], .log_variance = moments[1]};
}

at::Tensor Vae::encode_moments(const at::Tensor& video, std::int64_t chunk_latent_frames) const {
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
