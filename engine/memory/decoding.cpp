// The walk through vae/vae.cpp, vae/decoder.cpp, vae/blocks.cpp, vae/resample.cpp and vae/clip.cpp. Everything is float32.
#include <array>
#include <vector>

#include "engine/memory/walk.h"
#include "engine/vae/clip.h"
#include "engine/vae/config.h"
#include "engine/vae/layout.h"
#include "engine/vae/tiles.h"
#include "engine/vae/vae.h"

namespace wan::memory {
namespace {

// A tensor [C, T, H, W].
struct Video {
  Held held;
  std::int64_t channels = 0, frames = 0, rows = 0, columns = 0;
};

// One pass of a decoder half over one sequence: what the layers remember goes from chunk to chunk.
class DecoderWalk {
 public:
  DecoderWalk(Ledger& ledger, const vae::VaeConfig& config, const Arithmetic& how)
      : ledger_(ledger), how_(how), config_(config), layout_(vae::decoder_layout(config)) {}

  void begin_chunk(bool last) {
    first_ = memory_.empty();
    last_ = last;
    next_ = 0;
  }

  Video make(std::int64_t channels, std::int64_t frames, std::int64_t rows, std::int64_t columns) {
    return {ledger_.hold(channels * frames * rows * columns * kFloat), channels, frames, rows, columns};
  }

  // Vae::prepare and Decoder::prepare: all at the latents' resolution.
  std::array<Video, 2> prepare(std::int64_t frames, std::int64_t rows, std::int64_t columns) {
    Held quotient = ledger_.hold(config_.z_dim * frames * rows * columns * kFloat);
    const Video scaled = make(config_.z_dim, frames, rows, columns);
    quotient.release();
    Held arranged = how_.cuda ? Held() : ledger_.hold(config_.z_dim * frames * rows * columns * kFloat);
    const Video latents = convolve(scaled, config_.z_dim, 1);
    arranged.release();
    Video x = causal(make_view(latents), layout_.first, 27);
    x = residual(std::move(x), layout_.middle);
    x = attend(std::move(x));
    x = residual(std::move(x), layout_.middle);
    const vae::StageLayout& stage = layout_.stages.front();
    Video input;
    if (stage.shortcut) {
      input = make_view(x);  // its bytes move along with the shortcut's copy of the handle
      input.held = std::move(x.held);
    }
    return {std::move(input), refine(std::move(x), stage)};
  }

  // Decoder::finish and Vae::finish: the pixels.
  Video finish(Video input, Video refined) {
    Video x = enlarge(input, std::move(refined), layout_.stages.front());
    input = {};
    for (std::size_t i = 1; i < layout_.stages.size(); ++i) {
      const vae::StageLayout& stage = layout_.stages[i];
      Video around;
      if (stage.shortcut) {
        around = make_view(x);
        around.held = std::move(x.held);
      }
      x = enlarge(around, refine(std::move(x), stage), stage);
    }
    x = activated(std::move(x), layout_.out);
    if (config_.patch_size == 1) return x;
    return make(3, x.frames, x.rows * config_.patch_size, x.columns * config_.patch_size);
  }

 private:
  // The same shape without the bytes.
  static Video make_view(const Video& x) { return {{}, x.channels, x.frames, x.rows, x.columns}; }

  // ops/linear.cpp, convolve. On the CPU oneDNN's door makes two copies of the weights, in its order and blocked; of 1 x 1 ones one.
  Video convolve(const Video& x, std::int64_t out, std::int64_t volume, std::int64_t frames_less = 0) {
    Video y = make(out, x.frames - frames_less, x.rows, x.columns);
    if (!how_.cuda) ledger_.touch((volume > 1 ? 2 : 1) * x.channels * out * volume * kFloat);
    return y;
  }

  // The frames in front; where there are none yet, zeros.
  Held history(const Video& x) {
    if (memory_.size() > next_ && remembered_[next_]) return {};
    return ledger_.hold(x.channels * 2 * x.rows * x.columns * kFloat);
  }

  void remember(const Video& x) {
    skip();
    Held copy = last_ ? Held() : ledger_.hold(x.channels * 2 * x.rows * x.columns * kFloat);
    memory_[next_ - 1] = std::move(copy);
    remembered_[next_ - 1] = !last_;
  }

  void skip() {
    if (next_ == memory_.size()) {
      memory_.emplace_back();
      remembered_.push_back(false);
    }
    ++next_;
  }

  // CausalConvolution::operator() with a kernel of `volume`, 3 of it in time.
  Video causal(Video x, std::int64_t out, std::int64_t volume) {
    Held before = history(x);
    x = make(x.channels, x.frames + 2, x.rows, x.columns);
    before.release();
    remember(x);
    return convolve(x, out, volume, 2);
  }

  // CausalConvolution::activated. On the CPU one pass writes the convolution's input; elsewhere norm and SiLU are tensors of their own.
  Video activated(Video x, std::int64_t out) {
    Held before = history(x);
    if (how_.cuda) {
      Video y = make(x.channels, x.frames, x.rows, x.columns);
      y = make(x.channels, x.frames, x.rows, x.columns);
      Video extended = make(x.channels, x.frames + 2, x.rows, x.columns);
      x = std::move(extended);
    } else {
      x = make(x.channels, x.frames + 2, x.rows, x.columns);
    }
    before.release();
    remember(x);
    return convolve(x, out, 27, 2);
  }

  Video residual(Video x, std::int64_t out) {
    // The block's input is the caller's: it stays until the sum is made.
    Video update = activated(make_view(x), out);
    update = activated(std::move(update), out);
    const Video shortcut = x.channels == out ? Video() : convolve(x, out, 1);
    return make(out, x.frames, x.rows, x.columns);
  }

  Video refine(Video x, const vae::StageLayout& stage) {
    for (const vae::ResidualLayout& block : stage.residuals) x = residual(std::move(x), block.out);
    return x;
  }

  Video attend(Video x) {
    const auto same = [&] { return make(x.channels, x.frames, x.rows, x.columns); };
    const std::int64_t positions = x.rows * x.columns;
    Video normed = same();
    normed = same();
    const Video qkv = convolve(normed, 3 * x.channels, 1);
    normed = {};
    const Held mixed = attention(ledger_, x.frames, 1, positions, positions, x.channels, how_, kFloat);
    const Video projected = convolve(x, x.channels, 1);
    return same();
  }

  // Upsample::double_frames.
  Video double_frames(Video x) {
    if (first_ && x.frames == 1) {
      skip();
      return x;
    }
    Video tail = make_view(x);
    if (first_)
      --tail.frames;
    else
      tail.held = std::move(x.held);
    Video doubled = causal(std::move(tail), 2 * x.channels, 3);
    const std::int64_t frames = 2 * doubled.frames;
    const auto ordered = [&] { return make(x.channels, frames, x.rows, x.columns); };
    const Video interleaved = how_.cuda ? ordered() : Video();  // and once more in the device's order
    doubled = ordered();
    if (!first_) return doubled;
    return make(x.channels, doubled.frames + 1, x.rows, x.columns);
  }

  Video upsample(Video x, const vae::ResampleLayout& layout) {
    if (layout.temporal) x = double_frames(std::move(x));
    x = make(x.channels, x.frames, 2 * x.rows, 2 * x.columns);
    return convolve(x, layout.out, 9);
  }

  Video enlarge(const Video& input, Video refined, const vae::StageLayout& stage) {
    if (stage.resample) refined = upsample(std::move(refined), *stage.resample);
    if (!stage.shortcut) return refined;
    // duplicate_up: in the plain order repeated channels first, then the same in order, for all frames the first ones of which are dropped.
    const std::int64_t frames = input.frames * (stage.resample->temporal ? 2 : 1);
    Video repeated = how_.cuda ? make(stage.out, frames, refined.rows, refined.columns) : Video();
    const Video ordered = make(stage.out, frames, refined.rows, refined.columns);
    repeated = {};
    return make(stage.out, refined.frames, refined.rows, refined.columns);
  }

  Ledger& ledger_;
  const Arithmetic& how_;
  const vae::VaeConfig& config_;
  const vae::HalfLayout layout_;
  std::vector<Held> memory_;
  std::vector<bool> remembered_;
  std::size_t next_ = 0;
  bool first_ = true, last_ = true;
};

// vae/clip.cpp: floats in order, then what counting the finite ones takes (a flag and a 64-bit number each), or the bytes.
void assemble(Ledger& ledger, const Video& pixels) {
  const std::int64_t frame = 3 * pixels.rows * pixels.columns;
  const std::int64_t values = std::min(pixels.frames, std::max<std::int64_t>(1, vae::kValuesAtOnce / frame)) * frame;
  ledger.touch(values * (kFloat + 1 + 8));
}

std::vector<std::int64_t> chunks_of(std::int64_t total, std::int64_t chunk) {
  if (chunk == vae::kWholeSequence) chunk = total;
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(total / chunk), chunk);
  if (total % chunk != 0) sizes.push_back(total % chunk);
  return sizes;
}

Decoding result_of(const Ledger& ledger) { return {.bytes = ledger.peak_bytes(), .largest_tensor = ledger.largest_block_bytes() / kFloat}; }

}  // namespace

Decoding decoding(const vae::VaeConfig& config, const Workload& workload, const vae::Cut& cut, const Arithmetic& how) {
  Ledger ledger(how.cuda ? kCudaGranularity : 1);
  const Held latents = ledger.hold(config.z_dim * workload.frames * workload.rows * workload.columns * kFloat);
  const auto chunks = chunks_of(workload.frames, cut.chunk_latent_frames);
  const auto is_last = [&](std::size_t i) { return i + 1 == chunks.size(); };
  if (cut.tile == vae::kWholePicture || std::max(workload.rows, workload.columns) <= cut.tile) {
    DecoderWalk walk(ledger, config, how);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      walk.begin_chunk(is_last(i));
      auto [input, refined] = walk.prepare(chunks[i], workload.rows, workload.columns);
      assemble(ledger, walk.finish(std::move(input), std::move(refined)));
    }
    return result_of(ledger);
  }
  // Vae::decode_tiles.
  Held whole_input, whole_refined;
  {
    DecoderWalk walk(ledger, config, how);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      walk.begin_chunk(is_last(i));
      const auto [input, refined] = walk.prepare(chunks[i], workload.rows, workload.columns);
      const std::int64_t bytes = refined.channels * workload.frames * workload.rows * workload.columns * kFloat;
      if (i == 0 && input.frames > 0) whole_input = ledger.hold(bytes);
      if (i == 0) whole_refined = ledger.hold(bytes);
    }
  }
  const std::int64_t margin = vae::tile_margin(config), width = vae::decoder_layout(config).middle;
  std::int64_t rows = 0, columns = 0;  // of the largest tile: all others take less
  for (const vae::Tile& tile : vae::cut_into_tiles(workload.rows, cut.tile, margin)) rows = std::max(rows, tile.size);
  for (const vae::Tile& tile : vae::cut_into_tiles(workload.columns, cut.tile, margin)) columns = std::max(columns, tile.size);
  DecoderWalk walk(ledger, config, how);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    walk.begin_chunk(is_last(i));
    Video input;
    if (vae::decoder_layout(config).stages.front().shortcut) input = walk.make(width, chunks[i], rows, columns);
    assemble(ledger, walk.finish(std::move(input), walk.make(width, chunks[i], rows, columns)));
  }
  return result_of(ledger);
}

}  // namespace wan::memory
