// Milliseconds a frame of the structural metrics at 1280x720, to be set against their tools (tests/peers/benchmark_structural.py
// interleaves the two). Arguments: threads, widest instruction set (0 baseline, 1 AVX2, 2 AVX-512; the machine's own if it has less).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "metrics/scorer.h"

namespace {

using namespace wan;

// As many frames as threads would leave each thread idle for the last part of another's.
constexpr std::int64_t kFrames = 8;

VideoClip noise(VideoClip clip, std::uint64_t span, std::uint64_t seed) {
  SplitMix64 random(seed);
  for (std::uint8_t& byte : clip.rgb) byte = static_cast<std::uint8_t>(std::min<std::uint64_t>(255, byte + random.next() % span));
  return clip;
}

void frame(benchmark::State& state, const std::string& id) {
  VideoClip empty{.frames = kFrames, .height = 720, .width = 1280};
  empty.rgb.resize(static_cast<std::size_t>(empty.frames * empty.height * empty.width * 3));
  const VideoClip reference = noise(empty, 200, 1), candidate = noise(reference, 20, 2);
  const auto level = std::min<std::size_t>(static_cast<std::size_t>(state.range(1)), metrics::available_simd().size() - 1);
  const metrics::ScoreRequest request{
      .metrics = {{id}}, .threads = static_cast<int>(state.range(0)), .simd = metrics::available_simd()[level]};
  std::vector<double> seconds;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(metrics::score(reference, candidate, request));
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2), seconds.end());
  state.counters["median_ms"] = seconds[seconds.size() / 2] * 1e3 / kFrames;
}

#define WAN_STRUCTURAL(id) \
  BENCHMARK_CAPTURE(frame, id, #id)->ArgsProduct({{1, 2}, {0, 1, 2}})->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5)
WAN_STRUCTURAL(ssim.ipol);
WAN_STRUCTURAL(ssim.skimage7);
WAN_STRUCTURAL(ssim.torchmetrics);
WAN_STRUCTURAL(ssim.pytorch_msssim);
WAN_STRUCTURAL(ssim.svg);
WAN_STRUCTURAL(ssim.ffmpeg);
WAN_STRUCTURAL(ssim.vmaf);
WAN_STRUCTURAL(msssim.pytorch_msssim);
WAN_STRUCTURAL(msssim.torchmetrics);
WAN_STRUCTURAL(msssim.vmaf);

}  // namespace

BENCHMARK_MAIN();
