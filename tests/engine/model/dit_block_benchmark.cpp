// A DiT block on the CPU, to be set against the same block in PyTorch eager (dit_block_peer.py; ci/benchmark_dit_block interleaves the
// two). Shapes: wan-tiny's at 17 frames of 128x128, and that of Wan2.1 T2V-1.3B at one latent frame of 832x480.
#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/reference_seams.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"

namespace {

using namespace wan;

struct Grid {
  std::int64_t frames, rows, columns;  // of tokens
};

void dit_block(benchmark::State& state, const model::TransformerConfig& config, const Grid& grid, at::ScalarType dtype) {
  const c10::InferenceMode inference;
  at::set_num_threads(static_cast<int>(state.range(0)));
  runtime::keep_freed_memory();  // as in every engine
  auto one_block = config;
  one_block.layers = 1;
  const auto weights =
      checkpoint::random_weights(model::transformer_tensors(one_block), {.dtype = dtype, .keep_float32 = model::keep_float32}, 1);
  const model::Transformer transformer(one_block, weights, Part::high_noise, std::make_shared<const Seams>(reference_seams()));
  const auto float32 = at::TensorOptions(at::kFloat);
  const at::Tensor x = at::randn({1, grid.frames * grid.rows * grid.columns, config.dim()}, float32);
  const at::Tensor time = at::randn({1, 6, config.dim()}, float32);
  const auto text = transformer.prepare_text(at::randn({1, config.text_length, config.text_dim}, float32.dtype(dtype)));
  const auto rope = transformer.prepare_rope({1, config.in_channels, grid.frames, 2 * grid.rows, 2 * grid.columns});
  // The peer reports the median of single forwards, so this does too: a mean would count every hiccup of the machine against one side.
  std::vector<double> seconds;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(transformer.forward_block(0, x, time, text, rope));
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  seconds.erase(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 7));  // warm-up
  std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2), seconds.end());
  state.counters["median_us"] = seconds[seconds.size() / 2] * 1e6;
}

model::TransformerConfig tiny() { return model::read_transformer_config(WAN_SOURCE_DIR "/suites/models/wan-tiny/transformer"); }
constexpr Grid kTinyGrid = {5, 8, 8}, kLargeGrid = {1, 30, 52};
const model::TransformerConfig kLarge = {.heads = 12, .ffn_dim = 8960};

#define WAN_DIT_BLOCK(name, config, grid, dtype, iterations)  \
  BENCHMARK_CAPTURE(dit_block, name, config, grid, at::dtype) \
      ->Arg(1)                                                \
      ->Arg(2)                                                \
      ->Arg(16)                                               \
      ->Unit(benchmark::kMicrosecond)                         \
      ->UseRealTime()                                         \
      ->Iterations(iterations)
WAN_DIT_BLOCK(tiny_bfloat16, tiny(), kTinyGrid, kBFloat16, 350);
WAN_DIT_BLOCK(tiny_float32, tiny(), kTinyGrid, kFloat, 350);
WAN_DIT_BLOCK(large_bfloat16, kLarge, kLargeGrid, kBFloat16, 14);
WAN_DIT_BLOCK(large_float32, kLarge, kLargeGrid, kFloat, 14);

}  // namespace

BENCHMARK_MAIN();
