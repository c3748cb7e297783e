// The DiT block of wan-tiny on the CPU, to be set against the same block in PyTorch eager (dit_block_peer.py; ci/benchmark_dit_block
// interleaves the two). Warm-up 0.2 s; Google Benchmark chooses the iterations.
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
#include "engine/runtime/tensor.h"

namespace {

using namespace wan;

constexpr std::int64_t kTokens = 320;  // 17 frames of 128x128: 5 x 8 x 8

void dit_block(benchmark::State& state) {
  const c10::InferenceMode inference;
  at::set_num_threads(static_cast<int>(state.range(0)));
  const model::TransformerConfig config = model::read_transformer_config(WAN_SOURCE_DIR "/suites/models/wan-tiny/transformer");
  const auto weights =
      checkpoint::random_weights(model::transformer_tensors(config), {.dtype = at::kBFloat16, .keep_float32 = model::keep_float32}, 1);
  const model::Transformer transformer(config, weights, Part::high_noise, std::make_shared<const Seams>(reference_seams()));
  const auto float32 = at::TensorOptions(at::kFloat);
  const at::Tensor x = at::randn({1, kTokens, config.dim()}, float32), time = at::randn({1, 6, config.dim()}, float32);
  const auto text = transformer.prepare_text(at::randn({1, 512, config.text_dim}, float32.dtype(at::kBFloat16)));
  const auto rope = transformer.prepare_rope({1, config.in_channels, 5, 16, 16});
  // The peer reports the median of single forwards, so this does too: a mean would count every hiccup of the machine against one side.
  for (int i = 0; i < 50; ++i) benchmark::DoNotOptimize(transformer.forward_block(0, x, time, text, rope));
  std::vector<double> seconds;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(transformer.forward_block(0, x, time, text, rope));
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2), seconds.end());
  state.counters["median_us"] = seconds[seconds.size() / 2] * 1e6;
}
BENCHMARK(dit_block)->Arg(2)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime()->Iterations(300);

}  // namespace

BENCHMARK_MAIN();
