#include "metrics/perceptual/network.h"

#include <cstring>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "metrics/kernels/feature_maps.h"

namespace wan::metrics::perceptual {
namespace {

std::vector<float> read_tensor(const io::SafetensorsFile& file, const Trunk& trunk, const std::string& path, const std::string& name,
                               const std::vector<std::int64_t>& shape) {
  const io::TensorView& view = file.at(name);
  if (view.dtype != io::Dtype::f32 || view.shape != shape)
    throw UsageError(fmt::format("{}: '{}' is not the float32 tensor of LPIPS v0.1 {}; run ci/bootstrap to make the file again", path, name,
                                 trunk.network));
  std::vector<float> values(view.data.size() / sizeof(float));
  std::memcpy(values.data(), view.data.data(), view.data.size());
  return values;
}

// Each channel's input for each byte: u8 / 127.5 - 1, then the reference's shift and scale.
std::array<std::array<float, 3>, 256> input_table() {
  constexpr std::array<double, 3> kShift{-.030, -.088, -.188}, kScale{.458, .448, .450};
  std::array<std::array<float, 3>, 256> table{};
  for (std::size_t value = 0; value < 256; ++value)
    for (std::size_t c = 0; c < 3; ++c)
      table[value][c] = static_cast<float>((static_cast<double>(value) / 127.5 - 1 - kShift[c]) / kScale[c]);
  return table;
}

FeatureMap pooled(const FeatureMap& map, std::int64_t side, Simd simd) {
  const auto window = static_cast<std::size_t>(side);
  FeatureMap out = FeatureMap::of((map.height - window) / 2 + 1, (map.width - window) / 2 + 1, map.channels);
  feature_map_kernels(simd).pool_maximum(map.values.get(), map.width, map.channels, window, 2, out.height, out.width, out.values.get());
  return out;
}

}  // namespace

Network::Network(const Trunk& trunk, const std::string& data_dir, std::int64_t height, std::int64_t width)
    : trunk_(trunk), height_(height), width_(width), inputs_(input_table()) {
  if (data_dir.empty()) throw UsageError(fmt::format("{} needs its weights, but no data folder is set; run ci/bootstrap", trunk.id));
  const std::string path = (std::filesystem::path(data_dir) / trunk.file).string();
  if (!std::filesystem::exists(path))
    throw UsageError(fmt::format("{} needs its weights, and {} is not there; run ci/bootstrap to fetch them", trunk.id, path));
  const auto file = io::SafetensorsFile::open(path);
  for (std::size_t i = 0; i < trunk.layers.size(); ++i) {
    const Layer& layer = trunk.layers[i];
    const std::string conv = fmt::format("conv{}", i);
    const std::vector<float> kernel = read_tensor(file, trunk, path, conv + ".weight", {layer.out, layer.in, layer.side, layer.side});
    if (layer.pool_before) height = trunk.pooled_side(height), width = trunk.pooled_side(width);
    layers_.emplace_back(layer, kernel, read_tensor(file, trunk, path, conv + ".bias", {layer.out}), static_cast<std::size_t>(height),
                         static_cast<std::size_t>(width));
    height = layer.side_after(height), width = layer.side_after(width);
    if (layer.compared) linear_.push_back(read_tensor(file, trunk, path, fmt::format("lin{}.weight", linear_.size()), {layer.out}));
  }
}

std::shared_ptr<const Network> Network::find(const Trunk& trunk, const Format& format, std::string_view user) {
  if (format.height < trunk.smallest_side || format.width < trunk.smallest_side)
    throw UsageError(fmt::format("{} needs frames of at least {}x{}, these are {}x{}; its network shrinks them to nothing", user,
                                 trunk.smallest_side, trunk.smallest_side, format.width, format.height));
  const std::string key = fmt::format("{}/{}/weights/{}x{}/{}", trunk.id, trunk.version, format.width, format.height, format.data_dir);
  if (format.cache)
    if (auto kept = std::dynamic_pointer_cast<const Network>(format.cache->find(key))) return kept;
  const auto made = std::make_shared<const Network>(trunk, format.data_dir, format.height, format.width);
  if (format.cache) format.cache->keep(key, made, made->bytes());
  return made;
}

Features Network::run(std::span<const std::uint8_t> frame, Scratch& scratch, Simd simd) const {
  FeatureMap input = FeatureMap::of(static_cast<std::size_t>(height_), static_cast<std::size_t>(width_), 3);
  for (std::size_t i = 0; i < frame.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) input.values[i + c] = inputs_[frame[i + c]][c];

  Features features;
  features.reserve(linear_.size());  // `last` points into it
  const FeatureMap* last = &input;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = trunk_.layers[i];
    FeatureMap map =
        layer.pool_before ? layers_[i].run(pooled(*last, trunk_.pool_side, simd), scratch, simd) : layers_[i].run(*last, scratch, simd);
    if (layer.compared) {
      features.push_back(std::move(map));
      last = &features.back();
    } else {
      input = std::move(map);
      last = &input;
    }
  }
  return features;
}

std::size_t Network::bytes() const {
  std::size_t bytes = 0;
  for (const Convolution& layer : layers_) bytes += layer.bytes();
  for (const auto& linear : linear_) bytes += linear.size() * sizeof(float);
  return bytes;
}

}  // namespace wan::metrics::perceptual
