// LPIPS (Zhang et al. 2018), version 0.1 with the AlexNet trunk: RGB scaled to [-1, 1] without resizing, five feature maps after ReLU,
// each position normalised over channels, squared differences weighted by the trained linear layers, mean over positions, sum over layers.
//
// A group of frames runs through the network on one thread, and several groups at once: no score can depend on the number of threads,
// there is no barrier to wait at on a busy machine, and small frames scale over cores too.
// Feature maps are channels-last: measured 1.4 times faster in the convolutions than the default order, and a position's channels lie
// together for the comparison.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mkldnn_convolution.h>
#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr std::int64_t kSmallestSide = 32;  // below, the third map is empty or a single position

struct Layer {
  std::int64_t in, out, kernel, stride, padding;
  bool pool_before;  // 3x3 maximum, stride 2
  std::int64_t size_after(std::int64_t side) const {
    if (pool_before) side = (side - 3) / 2 + 1;
    return (side + 2 * padding - kernel) / stride + 1;
  }
};

constexpr std::size_t kLayers = 5;
constexpr std::array<Layer, kLayers> kTrunk{{{3, 64, 11, 4, 2, false},
                                             {64, 192, 5, 1, 2, true},
                                             {192, 384, 3, 1, 1, true},
                                             {384, 256, 3, 1, 1, false},
                                             {256, 256, 3, 1, 1, false}}};

struct Weights final : ScoreCache::Entry {
  std::array<at::Tensor, kLayers> kernel, bias;
  std::array<std::vector<float>, kLayers> lin;
};

// The five maps of one group of frames, [n, C, h, w] channels-last.
using Maps = std::array<at::Tensor, kLayers>;

struct ClipMaps final : ScoreCache::Entry {
  std::vector<Maps> groups;
};

at::Tensor read_tensor(const io::SafetensorsFile& file, const std::string& path, const std::string& name,
                       const std::vector<std::int64_t>& shape) {
  const io::TensorView& view = file.at(name);
  if (view.dtype != io::Dtype::f32 || view.shape != shape)
    throw UsageError(
        fmt::format("{}: '{}' is not the float32 tensor of LPIPS v0.1 AlexNet; run ci/bootstrap to make the file again", path, name));
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
  return tensor;
}

std::shared_ptr<const Weights> read_weights(const std::string& path) {
  const auto file = io::SafetensorsFile::open(path);
  auto weights = std::make_shared<Weights>();
  for (std::size_t i = 0; i < kLayers; ++i) {
    const Layer& layer = kTrunk[i];
    const std::string conv = fmt::format("conv{}", i);
    weights->kernel[i] = read_tensor(file, path, conv + ".weight", {layer.out, layer.in, layer.kernel, layer.kernel})
                             .contiguous(at::MemoryFormat::ChannelsLast);
    weights->bias[i] = read_tensor(file, path, conv + ".bias", {layer.out});
    const at::Tensor lin = read_tensor(file, path, fmt::format("lin{}.weight", i), {layer.out});
    weights->lin[i].assign(lin.const_data_ptr<float>(), lin.const_data_ptr<float>() + layer.out);
  }
  return weights;
}

std::shared_ptr<const Weights> find_weights(const Format& format) {
  if (format.data_dir.empty()) throw UsageError("lpips.alex needs its weights, but no data folder is set; run ci/bootstrap");
  const std::string path = (std::filesystem::path(format.data_dir) / "lpips_alex.safetensors").string();
  if (!std::filesystem::exists(path))
    throw UsageError(fmt::format("lpips.alex needs its weights, and {} is not there; run ci/bootstrap to fetch them", path));
  const std::string key = "lpips.alex/1/weights/" + path;
  if (format.cache)
    if (auto kept = std::dynamic_pointer_cast<const Weights>(format.cache->find(key))) return kept;
  auto weights = read_weights(path);
  if (format.cache) format.cache->keep(key, weights, std::filesystem::file_size(path));
  return weights;
}

// Each channel's input value for each byte: u8 / 127.5 - 1, then the reference's shift and scale.
std::array<std::array<float, 3>, 256> input_table() {
  constexpr std::array<double, 3> kShift{-.030, -.088, -.188}, kScale{.458, .448, .450};
  std::array<std::array<float, 3>, 256> table{};
  for (std::size_t value = 0; value < 256; ++value)
    for (std::size_t c = 0; c < 3; ++c)
      table[value][c] = static_cast<float>((static_cast<double>(value) / 127.5 - 1 - kShift[c]) / kScale[c]);
  return table;
}

Maps run_trunk(const Weights& weights, at::Tensor x) {  // [n, 3, H, W] channels-last
  Maps maps;
  for (std::size_t i = 0; i < kLayers; ++i) {
    const Layer& layer = kTrunk[i];
    if (layer.pool_before) x = at::max_pool2d(x, {3, 3}, {2, 2});
    // at::conv2d would send a single small frame to a matrix product of MKL, which has a number of threads of its own.
    x = at::mkldnn_convolution(x, weights.kernel[i], weights.bias[i], {layer.padding, layer.padding}, {layer.stride, layer.stride}, {1, 1},
                               1);
    x.relu_();
    maps[i] = x.contiguous(at::MemoryFormat::ChannelsLast);
  }
  return maps;
}

constexpr std::size_t kLanes = 16;  // partial sums side by side, so that the compiler may use vectors; every channel count is a multiple
using Lanes = std::array<float, kLanes>;

float total(const Lanes& lanes) {
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

float inverse_norm(const float* x, std::size_t channels) {
  Lanes lanes{};
  for (std::size_t c = 0; c < channels; c += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) lanes[j] += x[c + j] * x[c + j];
  return 1 / (std::sqrt(total(lanes)) + 1e-10f);
}

// Mean over positions of the weighted squared difference; `a` and `b` are one frame's map, [positions, C].
double layer_distance(const float* a, const float* b, std::int64_t positions, const std::vector<float>& lin) {
  const std::size_t channels = lin.size();
  double sum = 0;
  for (std::int64_t p = 0; p < positions; ++p, a += channels, b += channels) {
    const float norm_a = inverse_norm(a, channels), norm_b = inverse_norm(b, channels);
    Lanes lanes{};
    for (std::size_t c = 0; c < channels; c += kLanes)
      for (std::size_t j = 0; j < kLanes; ++j) {
        const float difference = a[c + j] * norm_a - b[c + j] * norm_b;
        lanes[j] += lin[c + j] * (difference * difference);
      }
    sum += total(lanes);
  }
  return sum / static_cast<double>(positions);
}

double distance(const Maps& a, const Maps& b, std::int64_t frame, const Weights& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < kLayers; ++i) {
    const at::Tensor x = a[i].select(0, frame), y = b[i].select(0, frame);
    sum += layer_distance(x.const_data_ptr<float>(), y.const_data_ptr<float>(), x.size(1) * x.size(2), weights.lin[i]);
  }
  return sum;
}

// Makes ATen and oneDNN use this thread alone; else each of our threads would start a whole pool. at::set_num_threads() would do so for
// threads of others too, OpenMP's own call does it for the caller; it is looked up because only LibTorch links an OpenMP library. ATen sets
// its number at the first use in a thread, so that has to come before.
void compute_on_this_thread_alone() {
  at::get_num_threads();
  if (auto* set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"))) set(1);
}

// Calls work(i) for i in 0 ... count-1 on up to `threads` threads of its own, each with a serial ATen without gradients.
template <typename Work>
void on_serial_threads(std::int64_t count, int threads, Work work) {
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  {
    std::vector<std::jthread> workers;
    for (std::int64_t t = 0; t < std::min<std::int64_t>(threads, count); ++t)
      workers.emplace_back([&] {
        try {
          compute_on_this_thread_alone();
          const at::NoGradGuard no_grad;
          for (std::int64_t i; (i = next++) < count;) work(i);
        } catch (...) {
          const std::lock_guard lock(mutex);
          failure = std::current_exception();
        }
      });
  }
  if (failure) std::rethrow_exception(failure);
}

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format)
      : format_(format),
        weights_(find_weights(format)),
        table_(input_table()),
        group_(std::clamp<std::int64_t>(kGroupPixels / (format.height * format.width), 1, kLargestGroup)) {
    if (!format.cache) return;
    key_ = fmt::format("lpips.alex/1/{}/{}", format.data_dir, format.reference_hash);
    known_ = std::dynamic_pointer_cast<const ClipMaps>(format.cache->find(key_));
    if (!known_ && clip_bytes() <= format.cache->max_bytes()) collected_ = std::make_shared<ClipMaps>();
  }

  void add(const FramePair& pair, std::int64_t) override {
    candidate_.insert(candidate_.end(), pair.candidate.begin(), pair.candidate.end());
    if (!known_) reference_.insert(reference_.end(), pair.reference.begin(), pair.reference.end());
    if (++pending_ == group_ * kGroupsABatch) flush();
  }

  QualityScores finish() override {
    if (pending_ > 0) flush();
    if (collected_) format_.cache->keep(key_, collected_, clip_bytes());
    return {.scores = {{.metric = "lpips.alex", .per_frame = std::move(per_frame_)}}};
  }

 private:
  // Several small frames in one call spare the reordering of the weights; one large frame fills the caches by itself.
  static constexpr std::int64_t kGroupPixels = 65536, kLargestGroup = 8;
  // Frames are gathered until there is work for many threads; 16 frames of 720p are 88 MB.
  static constexpr std::int64_t kGroupsABatch = 16;

  std::size_t clip_bytes() const {
    std::int64_t floats = 0, height = format_.height, width = format_.width;
    for (const Layer& layer : kTrunk) {
      height = layer.size_after(height), width = layer.size_after(width);
      floats += layer.out * height * width;
    }
    return static_cast<std::size_t>(floats * format_.frames) * sizeof(float);
  }

  Maps maps_of(const std::vector<std::uint8_t>& frames, std::int64_t first, std::int64_t count) const {
    at::Tensor input = at::empty({count, 3, format_.height, format_.width}, at::kFloat, at::MemoryFormat::ChannelsLast);
    const std::int64_t pixels = count * format_.height * format_.width;
    const std::uint8_t* from = frames.data() + first * format_.height * format_.width * 3;
    float* to = input.data_ptr<float>();
    for (std::int64_t i = 0; i < pixels * 3; i += 3)
      for (std::size_t c = 0; c < 3; ++c) to[i + c] = table_[from[i + c]][c];
    return run_trunk(*weights_, std::move(input));
  }

  void flush() {
    const auto done = static_cast<std::int64_t>(per_frame_.size());
    const std::int64_t groups = (pending_ + group_ - 1) / group_;
    per_frame_.resize(static_cast<std::size_t>(done + pending_));
    if (collected_) collected_->groups.resize(static_cast<std::size_t>(done / group_ + groups));
    on_serial_threads(groups, format_.threads, [&](std::int64_t g) {
      const std::int64_t first = g * group_, count = std::min(group_, pending_ - first);
      const auto slot = static_cast<std::size_t>(done / group_ + g);
      const Maps reference = known_ ? known_->groups[slot] : maps_of(reference_, first, count);
      const Maps candidate = maps_of(candidate_, first, count);
      for (std::int64_t i = 0; i < count; ++i)
        per_frame_[static_cast<std::size_t>(done + first + i)] = distance(reference, candidate, i, *weights_);
      if (collected_) collected_->groups[slot] = reference;
    });
    reference_.clear();
    candidate_.clear();
    pending_ = 0;
  }

  const Format format_;
  const std::shared_ptr<const Weights> weights_;
  const std::array<std::array<float, 3>, 256> table_;
  const std::int64_t group_;  // frames that run through the network together
  std::string key_;
  std::shared_ptr<const ClipMaps> known_;  // the reference's maps from an earlier comparison
  std::shared_ptr<ClipMaps> collected_;    // the same, being made
  std::vector<std::uint8_t> reference_, candidate_;
  std::int64_t pending_ = 0;
  std::vector<double> per_frame_;
};

}  // namespace

extern const Metric lpips_alex;
const Metric lpips_alex{
    .info = {.id = "lpips.alex",
             .summary = "learned perceptual distance, LPIPS v0.1 with the AlexNet trunk, float32 on the CPU",
             .unit = "1",
             .colour = "RGB",
             .range = "-1..1",
             .direction = Direction::lower_is_better,
             .scores = {"lpips.alex"},
             .caches_reference = true},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> {
      if (format.height < kSmallestSide || format.width < kSmallestSide)
        throw UsageError(fmt::format("lpips.alex needs frames of at least {0}x{0}, these are {1}x{2}; its network shrinks them to nothing",
                                     kSmallestSide, format.width, format.height));
      return std::make_unique<Run>(format);
    },
};

}  // namespace wan::metrics
